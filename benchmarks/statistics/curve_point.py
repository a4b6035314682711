"""The loss of one estimator at one K, wherever on its curve that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.losses import Loss


class How(StrEnum):
    """Where a figure on a curve comes from."""

    MEASURED = "measured"
    BETWEEN = "between measured K"
    BEYOND = "extrapolated"
    ENDED = "the grid ends"
    BELOW = "the grid begins later"
    UNTIMED = "the timing does not say"


@dataclass(frozen=True)
class At:
    """log loss (of nats^2) at ``k``; ``moves`` [R] and ``by_reference`` [groups] are of log loss too.

    ``slope`` is d log loss / d log K. ``doubt`` is the share of the loss that the reference's own error
    would have. ``span`` is a half-width that no replicate tells of; ``by_time`` how far down and up the 95%
    interval of K that the timing leaves moves log loss. ``beyond``: k is above the last measured one.
    Where the curve ENDED the figures are those of a K that is bought for sure, and more than the loss at the
    cost that was asked for, which buys ``wanted``. UNTIMED is the same where that K would say too little.
    BELOW: those of its first K, which costs more than was asked for. ``floor``: what log loss stays above at
    any K, minus infinity where the bias vanishes.
    """

    k: float
    how: How
    log_loss: float
    moves: Array
    by_reference: Array
    slope: float
    doubt: float
    span: float = 0.0
    by_time: tuple[float, float] = (0.0, 0.0)
    floor: float = -np.inf
    beyond: bool = False
    wanted: float = np.nan

    @property
    def rmse(self) -> float:
        """The root of the loss, in nats."""
        return float(np.exp(self.log_loss / 2))


def of_loss(k: float, loss: Loss, how: How, slope: float = np.nan) -> At:
    """A measured loss as a place on its curve."""
    value = loss.value
    return At(k, how, log_of(value), loss.moves / value, loss.by_reference / value, slope, loss.doubt / value)


def log_of(value: float) -> float:
    """log value, minus infinity at and below 0."""
    return float(np.log(value)) if value > 0 else -np.inf


def slope_weights(ks: Sequence[float]) -> Array:
    """Weights of a least-squares slope against log K."""
    x = np.log(np.asarray(ks, dtype=np.float64))
    x = x - x.mean()
    return np.asarray(x / (x @ x))
