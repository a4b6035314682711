"""The coefficient of K^-2 in the variance, measured: what Proposition 2 adds to c2/K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array, Interval, Mask, no_interval
from evidence_bench.benchmarks.statistics.bootstrap import (
    Resamples,
    fixed_generator,
    percentile_interval,
    resampled_variance,
)
from evidence_bench.benchmarks.statistics.columns import variance_of_points
from evidence_bench.benchmarks.statistics.expansions import Series, series_of, variance_coefficients
from evidence_bench.benchmarks.statistics.moments import WeightMoments
from evidence_bench.benchmarks.statistics.regime import points_in_regime, row_in_regime
from evidence_bench.benchmarks.statistics.rounding import has_spread

FEWEST_K = 3
_MOMENT_STREAM = 2


@dataclass(frozen=True)
class SecondCoefficient:
    """v2 of the variance c2/K + v2/K^2, mean over points: measured and predicted."""

    measured: Interval
    predicted: float
    ks: tuple[int, ...]


def second_coefficient(
    ks: Sequence[int],
    errors: Array,
    moments: WeightMoments,
    expansion: str,
    *,
    order: int = 0,
    rounding: float = 0.0,
) -> SecondCoefficient:
    """v2 from K^2 (variance - c2/K) = v2 + v3/K by least squares over the K in the regime.

    errors [n_k, R, B]. Row K has weight 1/K^2, as its noise grows with K. Interval: replicates resampled
    jointly over K, and the error of c2. Predicted: 5 c2^2/2 - c3 for the log of the mean, c2^2/2 for
    jackknife and delta method. NaN with a reason below three K in the regime, R = 1, or no expansion.
    """
    if series_of(expansion, order) is Series.NONE:
        return SecondCoefficient(no_interval("no expansion applies"), np.nan, ())
    used = [i for i, k in enumerate(ks) if row_in_regime(k, moments) and _usable(errors[i], rounding)]
    chosen = tuple(int(ks[i]) for i in used)
    if len(used) < FEWEST_K or errors.shape[1] < 2:
        few = f"{len(used)} K are in the regime; {FEWEST_K} are needed"
        return SecondCoefficient(
            no_interval(few if len(used) < FEWEST_K else "one replicate"), np.nan, chosen
        )
    inside = points_in_regime(min(chosen), moments)
    predicted = variance_coefficients(expansion, moments.c2, moments.c3, order=order)[1][inside].mean()
    measured = _fit(np.array(chosen, dtype=np.float64), errors[used][:, :, inside], moments, inside)
    return SecondCoefficient(measured, float(predicted), chosen)


def _usable(errors: Array, rounding: float) -> bool:
    """Whether errors [R, B] are finite and, where there are replicates to tell, have a spread."""
    return bool(np.isfinite(errors).all()) and (len(errors) < 2 or has_spread(errors, rounding))


def _fit(ks: Array, errors: Array, moments: WeightMoments, inside: Mask) -> Interval:
    c2, c2_stderr = moments.c2[inside], moments.c2_stderr[inside]
    weights = _intercept_weights(ks)
    resamples = Resamples(errors.shape[1])
    measured = np.array([variance_of_points(e).mean() for e in errors])
    resampled = np.stack([resampled_variance(e, resamples) for e in errors], axis=-1)
    value = float((ks**2 * measured - ks * c2.mean()) @ weights)
    by_c2 = abs(weights @ ks) * np.sqrt((c2_stderr**2).sum()) / len(c2)
    noise = by_c2 * fixed_generator(_MOMENT_STREAM).standard_normal(resamples.n_boot)
    return percentile_interval(value, (ks**2 * resampled - ks * c2.mean()) @ weights + noise)


def _intercept_weights(ks: Array) -> Array:
    """Row vector g with g @ y the intercept of the fit y = v2 + v3/K with weights 1/K^2."""
    design = np.stack([np.ones_like(ks), 1 / ks], axis=1)
    weighted = design / ks[:, None] ** 2
    return np.asarray(np.linalg.solve(weighted.T @ design, weighted.T)[0])
