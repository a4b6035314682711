"""Speed over the history of the project: ``asv machine --yes && asv run``.

Imports inside this folder are relative; ``estimators`` and ``models`` are those of the commit under test.
asv imports this file before any other, so before torch: its threads read the environment then.
"""

import os

# As in a run of the bench (benchmarks/threads.py, which older commits do not have): threads that spin for
# milliseconds while they wait make every time depend on what else the machine does.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
