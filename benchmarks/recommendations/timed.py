"""The times of a model's cells as clocks, with what they are off by. Does not import torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.clocks import Clock
from evidence_bench.benchmarks.statistics.time_law import log_stderr, noise_of


@dataclass(frozen=True)
class Timed:
    """A cell's median seconds a point, the error of their log, and the seconds of its rounds."""

    k: float
    seconds: float
    log_stderr: float
    rounds: tuple[float, ...]

    @staticmethod
    def of(k: int, timing: Mapping[str, Any], points: int) -> Timed:
        """Of what is stored; folders of before have no rounds."""
        rounds = tuple(timing.get("rounds", ()))
        error = log_stderr(timing["seconds_stderr"] / timing["seconds"], rounds)
        return Timed(float(k), timing["seconds"] / points, error, rounds)


@dataclass(frozen=True)
class Clocks:
    """By estimator, those that were timed; ``typical``: what the log of a time is off by, one sd."""

    clocks: Mapping[str, Clock]
    typical: float


def clocks_of(cells: Mapping[str, Sequence[Timed]]) -> Clocks:
    """Of all estimators of a model, each with its cells at ascending K."""
    timed = {name: found for name, found in cells.items() if found}
    if not timed:
        return Clocks({}, math.nan)
    every = [cell for found in timed.values() for cell in found]
    median = float(np.median([cell.log_stderr for cell in every]))
    arrays = {name: _arrays(found, median) for name, found in timed.items()}
    noise = noise_of(list(arrays.values()), [cell.rounds for cell in every if cell.rounds])
    of_cell = max(noise.scale, 1.0) * median**2
    clocks = {name: Clock(*of_estimator, noise) for name, of_estimator in arrays.items()}
    return Clocks(clocks, math.sqrt(of_cell + noise.common))


def _arrays(cells: Sequence[Timed], median: float) -> tuple[Array, Array, Array]:
    """(ks, seconds, errors of their log), each error half-way (in squares) to that of the typical cell:
    five rounds alone may say too little by luck."""
    errors = np.sqrt((np.square([cell.log_stderr for cell in cells]) + median**2) / 2)
    return np.array([c.k for c in cells]), np.array([c.seconds for c in cells]), np.maximum(errors, 1e-6)
