"""The mean weight over p(x) as a log, from log_mean_ratio [R, B], and how well it is known.

Replicates are taken by halves, so arrays are [2, B]: what one half says of a point's tail may decide whether
the other is looked at. Everything is relative or a log, for log p(x) may be wrong by hundreds of nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, ndtr, stdtrit

from evidence_bench.benchmarks.statistics.arrays import Array, Mask, Quantity
from evidence_bench.benchmarks.statistics.intervals import degrees_of_sum
from evidence_bench.benchmarks.statistics.moments import WeightMoments, halves
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr


@dataclass(frozen=True)
class MeanWeight:
    """Log of the mean weight over p(x): ``gap``, with its stderr from the draws and from the reference, nats.

    ``skew`` is that of the mean. NaN where there is nothing to say it from.
    """

    gap: float
    stderr: float
    skew: float
    reference: float = 0.0
    degrees: float = np.inf  # of the reference's stderr

    @property
    def quantity(self) -> Quantity:
        """The gap with both errors, nats."""
        return Quantity(self.gap, float(np.hypot(self.stderr, self.reference)))

    @property
    def ratio(self) -> Quantity:
        """Mean weight over p(x); infinite where a float64 cannot hold it."""
        with np.errstate(over="ignore", invalid="ignore"):
            value = float(np.exp(self.gap))
            return Quantity(value, value * self.quantity.stderr)

    def reach(self, errors: float) -> float:
        """So many standard errors; those of the reference by Student's t, at the same probability."""
        return float(np.hypot(errors * self.stderr, far_errors(self.reference, self.degrees, errors)))


def far_errors(stderr: ArrayLike, degrees: ArrayLike, errors: float) -> Array:
    """``errors`` times a known stderr; of one with degrees of freedom, as far out in Student's t."""
    degrees = np.maximum(np.asarray(degrees, dtype=np.float64), 1.0)
    finite = np.where(np.isinf(degrees), 1.0, degrees)
    t = np.where(np.isinf(degrees), errors, -stdtrit(finite, ndtr(-errors)))
    return np.asarray(t * np.asarray(stderr, dtype=np.float64))


@dataclass(frozen=True)
class Spread:
    """Relative variance and third central moment of one replicate's mean weight, [2, B]."""

    second: Array
    third: Array

    @staticmethod
    def of_draws(k: int, moments: WeightMoments) -> Spread:
        """c2/K and c3/K^2; an estimated c2 is the larger of both halves: either may have missed the tail."""
        c2 = moments.c2
        if moments.estimated:
            c2 = np.fmax(np.fmax(*moments.c2_halves), moments.c2)
        c2 = np.maximum(c2, 0.0)  # rounding may take that of constant weights below
        return Spread(np.stack([c2, c2]) / k, np.stack([moments.c3, moments.c3]) / k**2)

    @staticmethod
    def of_replicates(log_ratio: Array) -> Spread:
        """From the replicates [R, B] themselves, within the halves; NaN below R = 3."""
        replicates = len(log_ratio)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.exp(log_ratio - logsumexp(log_ratio, axis=0) + np.log(replicates))  # of mean one
            parts = np.split(ratio, [halves(replicates)[0]])
            centred = np.concatenate([part - part.mean(axis=0) for part in parts if len(part)])
            second = (centred**2).sum(axis=0) / (replicates - 2 if replicates > 2 else np.nan)
            third = (centred**3).mean(axis=0)
        return Spread(np.stack([second, second]), np.stack([third, third]))


def mean_weight(log_ratio: Array, chosen: Mask, spread: Spread, known_to: ReferenceStderr) -> MeanWeight:
    """The mean over the chosen halves [2, B] of log_mean_ratio [R, B], with its errors.

    A half counts in the variance by its share of the mean or of the replicates, whichever is larger: the one
    is right for weights that are all off by one factor, the other where a share vanishes.
    """
    sizes = np.array(halves(len(log_ratio)), dtype=np.float64)[:, None]
    used = chosen & (sizes > 0)
    if not used.any():
        return MeanWeight(np.nan, np.nan, np.nan)
    sums = np.where(used, _log_sums(log_ratio), -np.inf)
    count = np.where(used, sizes, 0.0)
    gap = float(logsumexp(sums) - np.log(count.sum()))
    by_count = count / count.sum()
    by_sum = np.exp(sums - logsumexp(sums)) if np.isfinite(gap) else by_count
    weight = np.maximum(by_sum, by_count)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(used, weight**2 * spread.second / sizes, 0.0).sum()
        third = np.where(used, by_count**3 * spread.third / sizes**2, 0.0).sum()
        second = np.where(used, by_count**2 * spread.second / sizes, 0.0).sum()
        skew = float(np.abs(third) / second**1.5) if second > 0 else 0.0 if second == 0 else np.nan
    stderr, degrees = known_to.of_groups(weight.sum(axis=0))
    return MeanWeight(
        gap,
        float(np.sqrt(variance)),
        skew,
        float(np.sqrt((stderr**2).sum())),
        degrees_of_sum(stderr**2, degrees),
    )


def _log_sums(log_ratio: Array) -> Array:
    """log of the sum over the replicates of each half [2, B]."""
    first = halves(len(log_ratio))[0]
    parts = log_ratio[:first], log_ratio[first:]
    return np.stack([logsumexp(part, axis=0) if len(part) else part.sum(axis=0) for part in parts])
