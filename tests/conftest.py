"""Before torch is imported: its threads spin only briefly, as in a run of the bench."""

from benchmarks.threads import spin_briefly

spin_briefly()
