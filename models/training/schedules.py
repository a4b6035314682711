"""Learning rates over a run, as a share of the first one: functions of the part of the run that is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import accumulate

STAGES = 8


def cosine(done: float) -> float:
    """(1 + cos(pi done)) / 2: from 1 at the start to 0 at the end."""
    return (1 + math.cos(math.pi * done)) / 2


def stages(done: float) -> float:
    """10^(-i/7) in stage i = 0..7, which takes 3^i of 3280 parts of the run.

    Source: Burda, Grosse and Salakhutdinov, ICLR 2016, whose run has 3280 passes; here any number.
    """
    ends = accumulate(3**i for i in range(STAGES))
    total = (3**STAGES - 1) / 2
    stage = sum(done >= end / total for end in ends)
    return float(10 ** (-min(stage, STAGES - 1) / 7))


def held(done: float) -> float:
    """1 for the first half of the run, then a cosine to 0: what reached most in few passes on MNIST."""
    return cosine(max(0.0, 2 * done - 1))


def constant(done: float) -> float:
    """1 throughout."""
    return 1.0


SCHEDULES: Mapping[str, Callable[[float], float]] = {
    "cosine": cosine,
    "stages": stages,
    "held": held,
    "constant": constant,
}
