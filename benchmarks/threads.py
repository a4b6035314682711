"""How torch's threads wait for each other; to be set before torch is imported."""

from __future__ import annotations

import os


def spin_briefly() -> None:
    """Let torch's threads spin only briefly while they wait for each other; read when torch is imported.

    By default they spin for milliseconds, which makes a run two to five times slower when anything else
    keeps a core busy; sleeping at once makes small operations twice as slow when nothing does.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")
