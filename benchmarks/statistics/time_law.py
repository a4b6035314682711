"""Seconds of one estimate against K: a + b K, fitted to log seconds, and how far off that is at any K.

The logs are fitted, because relative errors taken by the measured seconds would follow the fast moments of a
busy machine. Cells count by what their rounds say of them; how large errors are altogether shows in what all
cells of a model scatter about their lines, with as many degrees of freedom as cells are more than lines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.intervals import reach

FEWEST = 3  # cells of which a scatter about a line can be seen
BEYOND = 0.3  # of log seconds, for each factor of e beyond the last K: the line itself is off by that
_RANGE_OF_NORMAL = {2: 1.128, 3: 1.693, 4: 2.059, 5: 2.326, 6: 2.534, 7: 2.704, 8: 2.847, 9: 2.970, 10: 3.078}
_MEDIAN_TO_MEAN = 1.2533  # standard error of a median over that of a mean, for a normal law
_TOO_LARGE = 0.6  # variance of a median over the mean square of ``log_stderr``, which takes the larger of two
_FASTER = -0.9  # log ratio of a cell to its line, below which a step would leave the positive
_STEPS = 30


@dataclass(frozen=True)
class Noise:
    """What times are off by: ``scale`` times the squared log errors of cells, with ``degrees`` of freedom;
    and ``common``, the variance of what falls on all cells of a model together, with its own."""

    scale: float
    degrees: float
    common: float = 0.0
    common_degrees: float = 1.0


@dataclass(frozen=True)
class Line:
    """seconds = ``start`` + ``a_sample`` K, and the covariance of the two for errors as large as stated."""

    start: float
    a_sample: float
    covariance: Array

    def seconds(self, ks: Array) -> Array:
        """What it says [n]."""
        return np.asarray(self.start + self.a_sample * ks)

    def k(self, seconds: float) -> float:
        """The K that takes so long; 0 below the fixed cost, infinite where there is no other."""
        if seconds <= self.start:
            return 0.0
        return (seconds - self.start) / self.a_sample if self.a_sample > 0 else float("inf")

    def half(self, ks: Array, noise: Noise) -> Array:
        """Half the width of the 95% interval of log seconds [n], by Student's t with the noise's degrees."""
        sides = np.stack([np.ones_like(ks), ks]) / self.seconds(ks)
        own = noise.scale * np.einsum("in,ij,jn->n", sides, self.covariance, sides)
        whole = own + noise.common
        unsure = own**2 / noise.degrees + noise.common**2 / noise.common_degrees
        degrees = np.divide(whole**2, unsure, out=np.full_like(whole, np.inf), where=unsure > 0)
        return np.asarray(reach(np.sqrt(whole), degrees))


def log_stderr(stated: float, rounds: Sequence[float]) -> float:
    """Of log seconds: the larger of what was stated and what least and largest of n rounds say."""
    wide = _RANGE_OF_NORMAL.get(len(rounds))
    if wide is None:
        return stated
    sd = float(np.log(max(rounds) / min(rounds))) / wide
    return max(stated, _MEDIAN_TO_MEAN * sd / math.sqrt(len(rounds)))


def fit(ks: Array, seconds: Array, stderr: Array) -> Line:
    """By least squares of the logs of two cells or more, neither part below 0."""
    line = _straight(ks, seconds, stderr, np.asarray(seconds))
    for _ in range(_STEPS):
        last, line = line, _straight(ks, seconds, stderr, line.seconds(ks))
        if np.allclose(line.seconds(ks), last.seconds(ks), rtol=1e-9):
            break
    return line


def _straight(ks: Array, seconds: Array, stderr: Array, near: Array) -> Line:
    """One step of Gauss and Newton from the line that gives ``near``, with no part below 0."""
    design = np.stack([1 / near, ks / near], axis=1) / stderr[:, None]
    wanted = (1 + np.maximum(np.log(seconds / near), _FASTER)) / stderr
    inverse = np.linalg.pinv(design.T @ design, rcond=1e-14)
    start, a_sample = inverse @ design.T @ wanted
    if start < 0 or a_sample < 0:
        part = 1 if start < 0 else 0
        alone = float(design[:, part] @ wanted / (design[:, part] @ design[:, part]))
        start, a_sample = (0.0, max(alone, 0.0)) if part else (max(alone, 0.0), 0.0)
    return Line(float(start), float(a_sample), np.asarray(inverse))


def noise_of(curves: Sequence[tuple[Array, Array, Array]], rounds: Sequence[Sequence[float]] = ()) -> Noise:
    """Of (ks, seconds, log errors) of each estimator of a model, and the rounds of all of its cells."""
    fitted = [(curve, fit(*curve)) for curve in curves if len(curve[0]) >= FEWEST]
    degrees = sum(len(ks) - 2 for (ks, _, _), _ in fitted)
    squares = sum(
        float(((np.log(seconds / line.seconds(ks)) / stderr) ** 2).sum())
        for (ks, seconds, stderr), line in fitted
    )
    common, of_common = _common(rounds)
    if not degrees:
        return Noise(1.0, max(of_common, 1.0), common, of_common)
    return Noise(max(squares / degrees, _TOO_LARGE), degrees, common, of_common)


def _common(rounds: Sequence[Sequence[float]]) -> tuple[float, float]:
    """(variance of log seconds that the rounds, in which cells take turns, have together, its degrees)."""
    most = max((len(one) for one in rounds), default=0)
    logs = np.log([one for one in rounds if len(one) == most])
    if most < 2 or len(logs) < 2:
        return 0.0, 1.0
    rest = logs - logs.mean(axis=1, keepdims=True)
    of_rounds = rest.mean(axis=0)
    own = float(((rest - of_rounds) ** 2).sum()) / ((len(logs) - 1) * (most - 1))
    between = float(of_rounds.var(ddof=1)) - own / len(logs)
    return max(between, 0.0) * _MEDIAN_TO_MEAN**2 / most, float(most - 1)
