"""The standard error of the reference log p(x), and what it does to a mean over points.

Data points that are equal share one reference, so its error at them is one error: within a group of equal x
errors are added before they are squared, between groups after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Mask, as_points
from evidence_bench.benchmarks.statistics.intervals import degrees_of_sum


@dataclass(frozen=True)
class ReferenceStderr:
    """Standard error [B] in nats (0 where exact), its degrees of freedom [B], and each point's group [B].

    Degrees are infinite where the error is known and not itself estimated. Points of a group share one error.
    """

    stderr: Array
    degrees: Array
    group: np.ndarray

    @staticmethod
    def of(
        stderr: ArrayLike | ReferenceStderr,
        points: int,
        *,
        degrees: ArrayLike = np.inf,
        group: ArrayLike | None = None,
    ) -> ReferenceStderr:
        """Of that many points; one number stands for all of them. Without ``group`` all points differ."""
        if isinstance(stderr, ReferenceStderr):
            as_points(stderr.stderr, points, "reference_stderr")
            return stderr
        labels = np.arange(points) if group is None else as_points(group, points, "x_group")
        _, places = np.unique(labels, return_inverse=True)
        known = as_points(stderr, points, "reference_stderr")
        return ReferenceStderr(known, as_points(degrees, points, "reference_degrees"), places.reshape(-1))

    @staticmethod
    def stored(arrays: Mapping[str, np.ndarray]) -> ReferenceStderr:
        """Of the arrays of a stored cell."""
        stderr = arrays["reference_stderr"]
        return ReferenceStderr.of(
            stderr, len(stderr), degrees=arrays["reference_degrees"], group=arrays["x_group"]
        )

    def at(self, points: Mask) -> ReferenceStderr:
        """The same of some of the points."""
        return ReferenceStderr.of(
            self.stderr[points], int(points.sum()), degrees=self.degrees[points], group=self.group[points]
        )

    def moved(self, linear: ArrayLike, square: ArrayLike) -> ReferenceStderr:
        """Of linear_b d + square_b (d^2 - s^2)/2, d the error of the reference of point b and s its stderr.

        The two are uncorrelated; d^2 has the variance 2 s^4, and s^2 2 s^4 / degrees where it is estimated.
        """
        first = np.asarray(linear) * self.stderr
        second = np.asarray(square) * self.stderr**2 * np.sqrt((1 + 1 / self.degrees) / 2)
        return replace(self, stderr=np.hypot(first, second))

    def of_groups(self, weights: ArrayLike = 1.0) -> tuple[Array, Array]:
        """(standard error of sum_b weights_b error_b within each group, its degrees), both [groups]."""
        weights = np.broadcast_to(np.asarray(weights, dtype=np.float64), self.stderr.shape)
        first = np.unique(self.group, return_index=True)[1]
        return np.abs(np.bincount(self.group, weights * self.stderr)), self.degrees[first]

    def of_mean(self, weights: ArrayLike = 1.0) -> tuple[float, float]:
        """(standard error of the mean over points of weights_b error_b, its degrees of freedom)."""
        stderr, degrees = self.of_groups(weights)
        return float(np.sqrt((stderr**2).sum()) / len(self.stderr)), degrees_of_sum(stderr**2, degrees)
