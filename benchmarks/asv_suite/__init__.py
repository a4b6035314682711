"""Speed over the history of the project: ``asv machine --yes && asv run``.

Imports inside this folder are relative; ``evidence_bench`` is that of the commit under test, under whatever
names it has them.
asv imports this file before any other, so before torch: its threads read the environment then.
"""

import ctypes
import os
import sys

from .older import bridge

bridge()

# As in a run of the bench (benchmarks/command/threads.py, which older commits do not have): threads that spin
# for milliseconds while they wait make every time depend on what else the machine does.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

# Whether glibc gives freed pages back after a call differs from one process to the next, and with it the
# time of the same code by a factor of up to three (log-mean-exp of 64 x 5000 weights: .7 or 1.8 ms).
if sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "mallopt"):
    for _parameter in (-3, -1):  # the sizes from which memory is mapped apart, and is given back
        ctypes.CDLL(None).mallopt(_parameter, 1 << 28)
