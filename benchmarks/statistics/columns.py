"""The columns of one cell: bias, variance and root mean squared error, each with its standard error.

Errors are estimates minus log p(x) in float64, so that a level of -1000 nats costs a variance of 1e-6 no
digits. Given the points, estimates are independent over replicates and over points, which is what keyed
randomness gives. Where an estimate is infinite the figures say so: nothing is dropped. Where all replicates
of every point are equal a standard error over them is NaN, not 0: what makes them differ was not met.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Over, Quantity, as_estimates, as_points
from evidence_bench.benchmarks.statistics.intervals import chi_square_ends, degrees_of_sum
from evidence_bench.benchmarks.statistics.mean_square import mean_square_ends, noise_of_mean_square
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.benchmarks.statistics.rounding import has_spread
from evidence_bench.models.errors import BenchError


@dataclass(frozen=True)
class Columns:
    """The columns of one cell, in nats (variance in nats squared)."""

    bias: Quantity
    bias_over_points: Quantity
    variance: Quantity
    rmse: Quantity
    n_not_finite: int


def columns(
    estimates: ArrayLike, log_evidence: ArrayLike, reference_stderr: ArrayLike | ReferenceStderr = 0.0
) -> Columns:
    """All columns of estimates [R, B] about log_evidence [B], known to reference_stderr [B]."""
    errors = errors_of(estimates, log_evidence)
    known_to = ReferenceStderr.of(reference_stderr, errors.shape[1])
    return Columns(
        bias(errors, known_to),
        bias_over_points(errors, known_to),
        variance(errors),
        rmse(errors, known_to),
        n_not_finite(errors),
    )


def errors_of(estimates: ArrayLike, log_evidence: ArrayLike) -> Array:
    """estimate - log p(x) [R, B]. Raises BenchError for a log p(x) that is not finite."""
    values = as_estimates(estimates)
    truth = as_points(log_evidence, values.shape[1], "log_evidence")
    if not np.isfinite(truth).all():
        raise BenchError("log p(x) is not finite at some points; measure errors only where it is known.")
    return np.asarray(values - truth)


def n_not_finite(values: ArrayLike) -> int:
    """How many of the values are infinite or NaN."""
    return int(np.count_nonzero(~np.isfinite(values)))


def bias(errors: Array, reference_stderr: ArrayLike | ReferenceStderr = 0.0) -> Quantity:
    """Mean of errors [R, B]; stderr from the replicates and the reference's error, these points fixed.

    The references of different points are taken to err independently, those of equal points alike. Degrees
    of freedom by Welch and Satterthwaite: R - 1 a point, and those of the reference. With R = 1 the stderr is
    NaN; with infinite errors the value is infinite (NaN if they have both signs) and the stderr NaN.
    """
    value = _mean(errors)
    if not np.isfinite(value):
        return Quantity(value, np.nan)
    replicates, points = errors.shape
    of_reference, degrees = ReferenceStderr.of(reference_stderr, points).of_mean()
    of_replicates = variance_of_points(errors) if has_spread(errors) else np.full(points, np.nan)
    squares = np.append(of_replicates / replicates / points**2, of_reference**2)
    freedom = degrees_of_sum(squares, np.append(np.full(points, max(replicates - 1, 1)), degrees))
    return Quantity(value, float(np.sqrt(squares.sum())), degrees=freedom)


def bias_over_points(errors: Array, reference_stderr: ArrayLike | ReferenceStderr = 0.0) -> Quantity:
    """The same bias; stderr with the points as a sample, so that it holds for the data they came from.

    The spread of the points' mean errors carries the replicates' and the references' noise in it; what equal
    points share of the latter, sum over pairs of s_b s_c / (B (B - 1)), it cannot show, so that is added.
    B - 1 degrees of freedom. NaN for B = 1 and where errors are not finite.
    """
    value, points = _mean(errors), errors.shape[1]
    if not np.isfinite(value) or points < 2:
        return Quantity(value, np.nan, Over.POINTS)
    known_to = ReferenceStderr.of(reference_stderr, points)
    of_mean = known_to.of_mean()[0] ** 2 * points**2
    shared = (of_mean - (known_to.stderr**2).sum()) / points / (points - 1)
    squares = errors.mean(axis=0).var(ddof=1) / points + max(shared, 0.0)
    return Quantity(value, float(np.sqrt(squares)), Over.POINTS, points - 1)


def variance(errors: Array) -> Quantity:
    """Mean over points of the unbiased variance over replicates; never of pooled values.

    stderr: each point's from its second and fourth moments m2, m4 over R replicates, by the jackknife,
    R^2 (m4 - m2^2) / ((R-1) (R-2)^2), which errs to the safe side (Efron and Stein 1981). Interval: that of
    chi-square with the degrees of freedom which this stderr implies. NaN for R = 1, the stderr for R < 3 too;
    infinite, with stderr NaN, where errors are not finite.
    """
    if n_not_finite(errors):
        return Quantity(np.inf, np.nan)
    replicates, points = errors.shape
    value = float(variance_of_points(errors).mean())
    if replicates < 3 or not has_spread(errors):
        return Quantity(value, np.nan)
    squares = (errors - errors.mean(axis=0)) ** 2
    factor = replicates**2 / ((replicates - 1) * (replicates - 2) ** 2)
    stderr = float(np.sqrt(factor * squares.var(axis=0).sum()) / points)
    return Quantity(value, stderr, ends=chi_square_ends(value, stderr))


def rmse(errors: Array, reference_stderr: ArrayLike | ReferenceStderr = 0.0) -> Quantity:
    """sqrt(mean square over replicates and points of errors [R, B] - mean s_b^2), s_b the reference's stderr.

    A reference that is off by d moves the mean square of its point by -2 (mean error) d + d^2, whose mean is
    s^2: that is subtracted. No mean square is below the spread within replicates, which no reference touches:
    where noise takes it there, the value is that spread. The stderr is that of the mean square over 2 rmse;
    the interval (mean_square.py) begins and ends no lower than that of the variance. NaN for R = 1; infinite
    where errors are not finite.
    """
    if n_not_finite(errors):
        return Quantity(np.inf, np.nan)
    known_to = ReferenceStderr.of(reference_stderr, errors.shape[1])
    within = float(errors.var(axis=0).mean())
    square = max(float((errors**2).mean() - (known_to.stderr**2).mean()), within)
    value = float(np.sqrt(square))
    if not has_spread(errors):
        return Quantity(value, np.nan)
    spread, noise = variance(errors), noise_of_mean_square(errors)[0]
    stderr = float(np.hypot(noise, known_to.of_mean(2 * errors.mean(axis=0))[0]) / (2 * value))
    low, high = mean_square_ends(errors, square, known_to)
    ends = np.fmax([low, high], [spread.low, spread.high])
    return Quantity(value, stderr, ends=(float(np.sqrt(ends[0])), float(np.sqrt(ends[1]))))


def variance_of_points(errors: Array) -> Array:
    """Unbiased variance over replicates [B] of errors [R, B]; NaN for R = 1."""
    if len(errors) < 2:
        return np.full(errors.shape[1], np.nan)
    return np.asarray(errors.var(axis=0, ddof=1))


def _mean(errors: Array) -> float:
    with np.errstate(invalid="ignore"):
        return float(errors.mean())
