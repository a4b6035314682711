"""What is known of the weights of each point: c_i = E(w - Ew)^i / (Ew)^i, exact or estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Mask, as_points

LARGEST_KHAT = 0.5  # above it the second moment of w, hence c2, does not exist


@dataclass(frozen=True)
class WeightMoments:
    """c2, c3 [B] with standard errors (0 where exact) and, where ``estimated`` from draws, k-hat [B].

    ``c2_halves`` and ``khat_halves`` [2, B] are those of the first R // 2 replicates and of the others. inf
    is legal: the moment does not exist; NaN: it is not known.
    """

    c2: Array
    c3: Array
    c2_stderr: Array
    c3_stderr: Array
    khat: Array
    c2_halves: Array
    khat_halves: Array
    estimated: bool = False

    @property
    def exact(self) -> Mask:
        """[B], where c2 is known exactly."""
        return np.asarray(np.isfinite(self.c2) & (self.c2_stderr == 0) & (not self.estimated))

    @property
    def skew(self) -> Array:
        """[B], the skewness c3/c2^1.5 of one weight: 0 for constant weights, NaN where it is not known."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return np.where(self.c2 == 0, 0.0, self.c3 / self.c2**1.5)

    @property
    def trusted(self) -> Mask:
        """[B], where c2 is known, and from draws only with k-hat below 1/2 (an unknown k-hat is not)."""
        known = np.isfinite(self.c2)
        return np.asarray(known & (self.khat < LARGEST_KHAT) if self.estimated else known)


def halves(replicates: int) -> tuple[int, int]:
    """How many replicates the first half has, and the second."""
    return replicates // 2, replicates - replicates // 2


def weight_moments(
    c2: ArrayLike,
    c3: ArrayLike,
    c2_stderr: ArrayLike = 0.0,
    c3_stderr: ArrayLike = 0.0,
    khat: ArrayLike | None = None,
    *,
    points: int,
    estimated: bool = False,
    c2_halves: ArrayLike = np.nan,
    khat_halves: ArrayLike = np.nan,
) -> WeightMoments:
    """WeightMoments for that many points; one number stands for all of them."""

    def row(values: ArrayLike, called: str) -> Array:
        return as_points(values, points, called)

    def both(values: ArrayLike, called: str) -> Array:
        pair = np.broadcast_to(np.asarray(values, dtype=np.float64), (2, *np.shape(values)[1:]))
        return np.stack([row(half, called) for half in pair])

    tail = np.nan if khat is None else khat
    errors = row(c2_stderr, "c2_stderr"), row(c3_stderr, "c3_stderr")
    by_halves = both(c2_halves, "c2_halves"), both(khat_halves, "khat_halves")
    return WeightMoments(row(c2, "c2"), row(c3, "c3"), *errors, row(tail, "khat"), *by_halves, estimated)
