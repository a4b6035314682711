"""Whether a command answers at once, on a machine on which other tests run too."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_TRIES = 10


def answers_within(seconds: float, *words: str) -> bool:
    """Whether ``python -m`` of the words ends well in that time at one of ten tries.

    What else runs can only slow a command down, so the first quick try is enough: a command that needs
    longer on an idle machine has none.
    """
    for _ in range(_TRIES):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, check=True)
        if time.perf_counter() - start < seconds:
            return True
    return False
