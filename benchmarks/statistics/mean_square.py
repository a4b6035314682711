"""The 95% interval of a mean square error: by chi-square for the replicates, by t for the reference."""

from __future__ import annotations

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.intervals import chi_square_ends, degrees_of_sum, quantile
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr


def noise_of_mean_square(errors: Array) -> tuple[float, float]:
    """Standard error of the mean of errors^2 [R, B] from its replicates, and its degrees of freedom."""
    replicates, points = errors.shape
    variances = (errors**2).var(axis=0, ddof=1) / replicates / points**2
    return float(np.sqrt(variances.sum())), degrees_of_sum(variances, replicates - 1)


def mean_square_ends(errors: Array, square: float, known_to: ReferenceStderr) -> tuple[float, float]:
    """Ends of the interval about ``square``, the mean of errors^2 [R, B] without the reference's part in it.

    The distances of the two parts' ends are joined as squares: the replicates move the mean square like a
    multiple of chi-square, whose degrees of freedom are those of its standard error, widened by t over z; the
    reference moves it by way of the points' mean errors. Not below 0.
    Source of the joining: Zou and Donner, Statistics in Medicine 27, 2008.
    """
    measured = float((errors**2).mean())
    noise, degrees = noise_of_mean_square(errors)
    low, high = chi_square_ends(measured, noise * float(quantile(degrees) / quantile(np.inf)))
    below, above = _reach_of_reference(errors.mean(axis=0), known_to)
    below, above = np.hypot(measured - low, below), np.hypot(high - measured, above)
    return max(square - float(below), 0.0), square + float(above)


def _reach_of_reference(means: Array, known_to: ReferenceStderr) -> tuple[float, float]:
    """How far down and up the reference may have moved the mean of means^2 [B], of root r: to (r -+ reach)^2.

    On the root, because a mean of squares is skewed: of one point, (mean -+ t s)^2 is its exact interval.
    """
    stderr, degrees = known_to.of_mean(2 * means)
    if stderr == 0.0:
        return 0.0, 0.0
    root = float(np.sqrt((means**2).mean()))
    reach = float(quantile(degrees)) * stderr / (2 * root)
    return root**2 - max(root - reach, 0.0) ** 2, (root + reach) ** 2 - root**2
