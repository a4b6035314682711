"""Which of several estimators has the least error at equal cost: the best, some alike, or undecided.

Replicates of estimators with one sampler share their draws, so errors are compared replicate by replicate,
which is as right where they are independent. The 95% interval of a ratio of RMSE is Student's t with R - 1
degrees on its log (the delta method), with the reference's error, which both share, and the timing's with its
own degrees, which they do not; what no replicate tells of (the chord between two K, the two ways beyond the
last) is added to it whole. Points are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Interval
from evidence_bench.benchmarks.statistics.curve_point import At, How
from evidence_bench.benchmarks.statistics.intervals import reach
from evidence_bench.benchmarks.statistics.open_verdicts import why_open

ALIKE = 1.05  # ratio of RMSE below which two estimators are as good as each other
COARSE = 0.25  # share of the loss that the reference's own error may have
KIND = "95% Student t over replicates, points fixed, with the reference's and the timing's error"

_BOUNDS = (How.ENDED, How.UNTIMED)  # more samples would only help


class Verdict(StrEnum):
    """What can be said of the estimator of lowest error."""

    BEST = "best"
    ALIKE = "alike"
    UNDECIDED = "undecided"
    NOTHING = "nothing measured"


@dataclass(frozen=True)
class Ranking:
    """``order``: those that could be placed, lowest error first. ``near``: those that may be as good as the
    first, ``untimed`` those that may be and whose timing does not say. ``why``: what keeps the verdict open.
    """

    verdict: Verdict
    order: tuple[str, ...]
    near: tuple[str, ...] = ()
    untimed: tuple[str, ...] = ()
    why: str = ""

    @property
    def first(self) -> str:
        """The estimator of lowest error."""
        return self.order[0]


def rmse_interval(at: At) -> Interval:
    """The RMSE with its 95% interval, nats; NaN ends with one replicate."""
    down, up = _reaches(at.moves, at.by_reference, at.by_time, at.span)
    low, high = (float(np.exp((at.log_loss + by) / 2)) for by in (-down, up))
    return Interval(at.rmse, low, high, KIND)


def rmse_ratio(a: At, b: At) -> Interval:
    """RMSE of ``a`` over that of ``b``, whose replicates are the same or independent."""
    moves, by_reference = a.moves - b.moves, a.by_reference - b.by_reference
    by_time = np.hypot(a.by_time, b.by_time[::-1])  # what lowers b raises the ratio
    down, up = _reaches(moves, by_reference, (float(by_time[0]), float(by_time[1])), a.span + b.span)
    middle = a.log_loss - b.log_loss
    value, low, high = (float(np.exp((middle + by) / 2)) for by in (0, -down, up))
    return Interval(value, low, high, KIND)


def rank(places: Mapping[str, At]) -> Ranking:
    """The verdict on estimators at one cost; those BELOW their grid are left out."""
    known = {name: at for name, at in places.items() if at.how is not How.BELOW and np.isfinite(at.log_loss)}
    placed = {name: at for name, at in known.items() if at.how is not How.UNTIMED}
    order = tuple(sorted(placed, key=lambda name: placed[name].log_loss))
    if not order:
        untimed = tuple(known)
        return Ranking(Verdict.NOTHING, (), untimed=untimed, why=why_open(known))
    first = placed[order[0]]
    if first.doubt > COARSE:
        return Ranking(Verdict.UNDECIDED, order, order[1:], why="the reference is too coarse to tell")
    if len(first.moves) < 2:
        return Ranking(Verdict.UNDECIDED, order, order[1:], why="one replicate has no error")
    near = tuple(name for name in order[1:] if not _worse(placed[name], first))
    untimed = tuple(name for name in known if name not in placed and not _worse(known[name], first))
    if not near and not untimed:
        return Ranking(Verdict.BEST, order)
    if not untimed and all(_alike(placed[name], first) for name in near):
        return Ranking(Verdict.ALIKE, order, near)
    open_ = {name: known[name] for name in (order[0], *near, *untimed)}
    return Ranking(Verdict.UNDECIDED, order, near, untimed, why_open(open_) or "their intervals overlap")


def _up(at: At) -> float:
    return _reaches(at.moves, at.by_reference, at.by_time, at.span)[1]


def _worse(other: At, first: At) -> bool:
    """Whether the other's error is larger for sure, and by more than is worth a word."""
    if other.how in _BOUNDS:  # more samples would only help it
        return other.floor > first.log_loss + _up(first)
    ratio = rmse_ratio(other, first)
    return ratio.low > 1 and ratio.high > ALIKE


def _alike(other: At, first: At) -> bool:
    if other.how in _BOUNDS or first.how in _BOUNDS:
        return False
    ratio = rmse_ratio(other, first)
    return ratio.low > 1 / ALIKE and ratio.high < ALIKE


def _reaches(
    moves: np.ndarray, by_reference: np.ndarray, by_time: tuple[float, float], span: float
) -> tuple[float, float]:
    """How far down and up the 95% interval of a log loss, or of a difference of two, goes.

    Half-widths of independent causes are added as squares, each with its own degrees of freedom (Zou and
    Donner, Statistics in Medicine 27, 2008).
    """
    replicates = len(moves)
    if replicates < 2:
        return float("nan"), float("nan")
    squares = (moves**2).sum() / replicates / (replicates - 1) + (by_reference**2).sum()
    half = float(reach(np.sqrt(squares), replicates - 1))
    down, up = (float(np.hypot(half, by)) + span for by in by_time)
    return down, up
