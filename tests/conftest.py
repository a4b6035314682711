"""Before torch is imported: its threads spin only briefly, as in a run of the bench. What runs keep goes here."""

import os
import tempfile

from benchmarks.threads import spin_briefly

spin_briefly()
os.environ["EVIDENCE_BENCH_CACHE"] = tempfile.mkdtemp(prefix="evidence-bench-")
