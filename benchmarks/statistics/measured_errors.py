"""Errors about a reference, and how the reference's own error enters their mean: whole, or nearly cancelled.

A reference that is off by d (in nats) moves an error by -d and C = mean(w)/p - 1, the first control, to
(1 + C) exp(-d) - 1. On average error - C then moves by -d^2/2 + d^3/6 only, and the second control, half of
C^2 - c2/K, by -(c2/K) d + (1 + 2 c2/K) d^2/2 - d^3/2. The mean of d^2 is s^2, the square of the standard
error: that part is known and is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Mask
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr


@dataclass(frozen=True)
class MeasuredErrors:
    """``errors`` [R, B], which the reference moves at point b by -linear_b d - square_b (d^2 - s^2)/2.

    ``reference``: the standard error s of log p(x).
    """

    errors: Array
    reference: ReferenceStderr
    linear: Array
    square: Array

    @staticmethod
    def plain(errors: Array, reference_stderr: ArrayLike | ReferenceStderr = 0.0) -> MeasuredErrors:
        """Without controls the reference's error enters whole."""
        points = errors.shape[1]
        whole, none = np.ones(points), np.zeros(points)
        return MeasuredErrors(errors, ReferenceStderr.of(reference_stderr, points), whole, none)

    @staticmethod
    def controlled(
        errors: Array, reference_stderr: ArrayLike | ReferenceStderr, first: Array, second: Array, size: Array
    ) -> MeasuredErrors:
        """Of errors with these shares [B] of the two controls, at a c2/K of ``size`` [B].

        d^3, whose standard deviation is sqrt(15) s^3, is counted with d.
        """
        known_to = ReferenceStderr.of(reference_stderr, errors.shape[1])
        cube = np.abs(first - 3 * second) / 6 * np.sqrt(15) * known_to.stderr**2
        square = first - second * (1 + 2 * size)
        taken_out = errors + square * known_to.stderr**2 / 2
        return MeasuredErrors(taken_out, known_to, 1 - first + second * size + cube, square)

    def part(self, replicates: Mask) -> MeasuredErrors:
        """The same of some of the replicates, from all over them: halves may have other controls."""
        return replace(self, errors=self.errors[replicates])

    @property
    def known_to(self) -> ReferenceStderr:
        """What is left of the reference's error in the mean of each point."""
        return self.reference.moved(self.linear, self.square)
