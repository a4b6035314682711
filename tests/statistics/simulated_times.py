"""Times of three estimators whose law is known, as a quiet and as a busy machine would measure them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.measuring.timing import ROUNDS, Timing
from evidence_bench.benchmarks.recommendations.timed import Timed, clocks_of
from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.clocks import Clock

KS = 2.0 ** np.arange(10)
LAWS = {"iwae": (1e-4, 2e-6), "elbo": (2e-5, 1e-6), "adaptive": (3e-4, 4e-5)}  # seconds, seconds a sample


@dataclass(frozen=True)
class Machine:
    """What log seconds are off by (sd): each call alone, all the calls of a cell, all cells of a round."""

    call: float
    cell: float = 0.0
    all_cells: float = 0.0


QUIET, BUSY = Machine(0.03), Machine(0.3, 0.1, 0.2)


def seconds(k: float, name: str = "iwae") -> float:
    """What K takes by the law."""
    start, a_sample = LAWS[name]
    return start + a_sample * k


def clocks(machine: Machine, generator: np.random.Generator, ks: Array = KS) -> dict[str, Clock]:
    """As they are measured on such a machine, one point."""
    of_round = machine.all_cells * generator.standard_normal(ROUNDS)
    cells = {name: [_timed(name, k, machine, of_round, generator) for k in ks] for name in LAWS}
    return dict(clocks_of(cells).clocks)


def _timed(name: str, k: float, machine: Machine, of_round: Array, generator: np.random.Generator) -> Timed:
    own = machine.call * generator.standard_normal(ROUNDS) + machine.cell * generator.standard_normal()
    rounds = seconds(k, name) * np.exp(own + of_round)
    return Timed.of(int(k), vars(Timing.of(rounds.tolist(), 0)), 1)
