"""What a process that measures sets for itself; to be called before torch is imported."""

from __future__ import annotations

import ctypes
import os
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_KEPT = 1 << 28


def spin_briefly() -> None:
    """Let torch's threads spin only briefly while they wait for each other; read when torch is imported.

    By default they spin for milliseconds, which makes a run two to five times slower when anything else
    keeps a core busy; sleeping at once makes small operations twice as slow when nothing does.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def keep_freed_memory() -> None:
    """Let glibc keep memory that was freed instead of giving it back to the kernel, and asking again.

    Tensors of a few megabytes come and go with every chunk; the pages would be cleared each time, which
    costs 2 to 4% of drawing log weights. Elsewhere than on Linux with glibc this does nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _KEPT)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
