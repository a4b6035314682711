"""What an estimate costs in accuracy, in two parts that fall differently with K, and who knows them how well.

The loss of a point is the mean squared error of one estimate, that of a data set the mean squared error of
the mean of its B estimates:
    point: V + S,  V = mean_b var_b, S = mean_b bias_b^2          data set: V / B + (mean_b bias_b)^2.
V falls like 1/K and the other part like K^-2m where the bias is O(K^-m). Both parts are estimated without
bias: noise of the replicates and of the reference is taken out of the squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.columns import variance_of_points
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr


@dataclass(frozen=True)
class Loss:
    """``spread`` and ``offset`` in nats^2, and how each replicate [R] moves them (influences of mean zero).

    ``by_reference`` [groups]: what one standard error of the reference of a group of equal points adds to
    the offset. ``doubt``: the mean square of the reference's error, which was subtracted from the offset.
    """

    spread: float
    offset: float
    spread_moves: Array
    offset_moves: Array
    by_reference: Array
    doubt: float

    @property
    def value(self) -> float:
        """The mean squared error; NaN where noise leaves nothing of it."""
        total = self.spread + self.offset
        return total if total > 0 and np.isfinite(total) else np.nan

    @property
    def stderr(self) -> float:
        """Standard error of the whole, from the replicates and the reference."""
        replicates = len(self.moves)
        of_replicates = (self.moves**2).sum() / replicates / (replicates - 1)
        return float(np.sqrt(of_replicates + (self.by_reference**2).sum()))

    @property
    def floor(self) -> float:
        """The offset minus twice its error: what stays above at every K, if it does not vanish."""
        replicates = len(self.offset_moves)
        squares = (self.offset_moves**2).sum() / replicates / max(replicates - 1, 1)
        return self.offset - 2 * float(np.sqrt(squares + (self.by_reference**2).sum()))

    @property
    def moves(self) -> Array:
        """How each replicate moves the whole."""
        return np.asarray(self.spread_moves + self.offset_moves)


def point_loss(errors: Array, known_to: ReferenceStderr) -> Loss:
    """Of one estimate of one point, from errors [R, B], R of 2 or more, all finite."""
    spread, spread_moves = _spread(errors)
    squares = (errors**2).mean(axis=1)
    doubt = float((known_to.stderr**2).mean())
    offset = float(squares.mean()) - doubt - spread
    moves = squares - squares.mean() - spread_moves
    by_reference = _signed_groups(known_to, -2 * errors.mean(axis=0))
    return Loss(spread, offset, spread_moves, moves, by_reference, doubt)


def mean_loss(errors: Array, controlled: Array, known_to: ReferenceStderr) -> Loss:
    """Of the mean of one estimate at each of the B points; ``controlled`` errors have the same mean bias."""
    replicates, points = errors.shape
    spread, spread_moves = _spread(errors)
    by_replicate = controlled.mean(axis=1)
    bias, noise = float(by_replicate.mean()), float(by_replicate.var(ddof=1)) / replicates
    doubt = known_to.of_mean()[0] ** 2
    by_reference = _signed_groups(known_to, np.full(points, -2 * bias))
    moves = 2 * bias * (by_replicate - bias)
    offset = bias**2 - noise - doubt
    return Loss(spread / points, offset, spread_moves / points, moves, by_reference, doubt)


def _spread(errors: Array) -> tuple[float, Array]:
    """Mean over points of the variance over replicates, and how each replicate moves it."""
    replicates = len(errors)
    squares = ((errors - errors.mean(axis=0)) ** 2).mean(axis=1) * replicates / (replicates - 1)
    return float(variance_of_points(errors).mean()), np.asarray(squares - squares.mean())


def _signed_groups(known_to: ReferenceStderr, weights: Array) -> Array:
    """Mean over points of weights_b error_b, for one standard error of each group of equal points."""
    return np.bincount(known_to.group, weights * known_to.stderr) / len(known_to.stderr)
