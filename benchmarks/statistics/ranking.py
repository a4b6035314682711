"""Which of several estimators has the least error at equal cost: the best, some alike, or undecided.

Replicates of estimators with one sampler share their draws, so errors are compared replicate by replicate,
which is as right where they are independent. The 95% interval of a ratio of RMSE is Student's t with R - 1
degrees on its log (the delta method), with the reference's error, which both share, and the timing's, which
they do not; what no replicate tells of (the chord between two K, the two ways beyond the last) is added to it
whole. Points are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Interval
from evidence_bench.benchmarks.statistics.curve_point import At, How
from evidence_bench.benchmarks.statistics.intervals import reach

ALIKE = 1.05  # ratio of RMSE below which two estimators are as good as each other
COARSE = 0.25  # share of the loss that the reference's own error may have
KIND = "95% Student t over replicates, points fixed, with the reference's and the timing's error"


class Verdict(StrEnum):
    """What can be said of the estimator of lowest error."""

    BEST = "best"
    ALIKE = "alike"
    UNDECIDED = "undecided"
    NOTHING = "nothing measured"


@dataclass(frozen=True)
class Ranking:
    """``order``: those that could be placed, lowest error first. ``near``: those that may be as good as the
    first. ``why`` says in words what keeps the verdict open."""

    verdict: Verdict
    order: tuple[str, ...]
    near: tuple[str, ...] = ()
    why: str = ""

    @property
    def first(self) -> str:
        """The estimator of lowest error."""
        return self.order[0]


def rmse_interval(at: At) -> Interval:
    """The RMSE with its 95% interval, nats; NaN ends with one replicate."""
    half = _half(at.moves, at.by_reference, at.variance, at.span)
    low, high = (float(np.exp((at.log_loss + sign * half) / 2)) for sign in (-1, 1))
    return Interval(at.rmse, low, high, KIND)


def rmse_ratio(a: At, b: At) -> Interval:
    """RMSE of ``a`` over that of ``b``, whose replicates are the same or independent."""
    moves, by_reference = a.moves - b.moves, a.by_reference - b.by_reference
    half = _half(moves, by_reference, a.variance + b.variance, a.span + b.span)
    middle = a.log_loss - b.log_loss
    value, low, high = (float(np.exp((middle + sign * half) / 2)) for sign in (0, -1, 1))
    return Interval(value, low, high, KIND)


def rank(places: Mapping[str, At]) -> Ranking:
    """The verdict on estimators at one cost; those BELOW their grid are left out."""
    known = {name: at for name, at in places.items() if at.how is not How.BELOW and np.isfinite(at.log_loss)}
    order = tuple(sorted(known, key=lambda name: known[name].log_loss))
    if not order:
        return Ranking(Verdict.NOTHING, ())
    first = known[order[0]]
    if first.doubt > COARSE:
        return Ranking(Verdict.UNDECIDED, order, order[1:], "the reference is too coarse to tell")
    if len(first.moves) < 2:
        return Ranking(Verdict.UNDECIDED, order, order[1:], "one replicate has no error")
    near = tuple(name for name in order[1:] if not _worse(known[name], first))
    if not near:
        return Ranking(Verdict.BEST, order)
    if all(_alike(known[name], first) for name in near):
        return Ranking(Verdict.ALIKE, order, near)
    ended = [f"{name} beyond K = {known[name].k:,.0f}" for name in near if known[name].how is How.ENDED]
    why = f"nothing is known of {', '.join(ended)}; raise --samples" if ended else ""
    return Ranking(Verdict.UNDECIDED, order, near, why or "their intervals overlap")


def _worse(other: At, first: At) -> bool:
    """Whether the other's error is larger for sure, and by more than is worth a word."""
    if other.how is How.ENDED:  # more samples would only help it
        return other.floor > first.log_loss + _half(
            first.moves, first.by_reference, first.variance, first.span
        )
    ratio = rmse_ratio(other, first)
    return ratio.low > 1 and ratio.high > ALIKE


def _alike(other: At, first: At) -> bool:
    if How.ENDED in (other.how, first.how):
        return False
    ratio = rmse_ratio(other, first)
    return ratio.low > 1 / ALIKE and ratio.high < ALIKE


def _half(moves: np.ndarray, by_reference: np.ndarray, variance: float, span: float) -> float:
    """Half the width of a 95% interval of a log loss, or of a difference of two."""
    replicates = len(moves)
    if replicates < 2:
        return float("nan")
    squares = (moves**2).sum() / replicates / (replicates - 1) + (by_reference**2).sum() + variance
    return float(reach(np.sqrt(squares), replicates - 1)) + span
