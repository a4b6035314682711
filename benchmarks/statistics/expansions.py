"""Bias and variance of estimators of log p(x) from K iid weights, as series in 1/K.

For the log of the mean weight (Nowozin, ICLR 2018, Propositions 1 and 2):
    bias      a1/K + a2/K^2 + a3/K^3,   a1 = -c2/2,   a2 = c3/3 - 3 c2^2/4,
                                        a3 = -(c4/4 - 3 c2^2/4 - 2 c3 c2 + 5 c2^3/2)
    variance  c2/K - (c3 - 5 c2^2/2)/K^2
(the paper's K^-3 term lacks -15 mu2^3/(6 mu^6)). Jackknife of order m >= 1: bias
(-1)^m a_{m+1} / (K (K-1) ... (K-m)), variance c2/K + c2^2/(2 K^2). Delta method: bias
-(2 c3/3 - 3 c2^2/4)/K^2 and, as it is the jackknife of order 1 but for terms that do not reach the variance
before K^-3, the same variance. The series need K well above c2: see regime.py.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.models.errors import BenchError


class Series(StrEnum):
    """The expansions by the names that reducers declare."""

    LOG_MEAN = "log-mean"
    JACKKNIFE = "jackknife"
    DELTA = "delta"
    NONE = "none"


def series_of(name: str, order: int = 0) -> Series:
    """The series of that name; the jackknife of order 0 is the log of the mean."""
    if name not in list(Series):
        raise BenchError(f"There is no expansion '{name}'; use one of: {', '.join(Series)}.")
    series = Series(name)
    if series is Series.JACKKNIFE and order < 0:
        raise BenchError(f"The jackknife has no order {order}; give an order m of at least 0.")
    return Series.LOG_MEAN if series is Series.JACKKNIFE and order == 0 else series


def bias_coefficients(c2: ArrayLike, c3: ArrayLike, c4: ArrayLike | None = None) -> tuple[Array, ...]:
    """(a1, a2, a3), each shaped like c2; a3 is NaN where c4 is not given."""
    c2, c3 = np.asarray(c2, dtype=np.float64), np.asarray(c3, dtype=np.float64)
    c4 = np.full_like(c2, np.nan) if c4 is None else np.asarray(c4, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        a3 = -(c4 / 4 - 3 * c2**2 / 4 - 2 * c3 * c2 + 5 * c2**3 / 2)
        return -c2 / 2, np.asarray(c3 / 3 - 3 * c2**2 / 4), np.asarray(a3)


def predicted_bias(
    name: str, k: int, c2: ArrayLike, c3: ArrayLike, *, order: int = 0, c4: ArrayLike | None = None
) -> Array:
    """Bias [B] in nats at K samples: a1/K + a2/K^2 for the log of the mean, else the leading term.

    ``order`` is the jackknife's m. NaN where the series needs a moment that is not given (m = 2 needs c4,
    m >= 3 more than that), where K <= m, and for an estimator without a series.
    """
    series = series_of(name, order)
    a = bias_coefficients(c2, c3, c4)
    with np.errstate(invalid="ignore", over="ignore"):
        if series is Series.LOG_MEAN:
            return np.asarray(a[0] / k + a[1] / k**2)
        if series is Series.DELTA:
            return np.asarray(-(a[1] + np.asarray(c3, dtype=np.float64) / 3) / k**2)
    if series is Series.NONE or order >= len(a) or k <= order:
        return np.full_like(a[0], np.nan)
    falling = float(np.prod(np.arange(k - order, k + 1, dtype=np.float64)))
    return np.asarray((-1) ** order * a[order] / falling)


def variance_coefficients(name: str, c2: ArrayLike, c3: ArrayLike, *, order: int = 0) -> tuple[Array, Array]:
    """(v1, v2) of the variance v1/K + v2/K^2; NaN for an estimator without a series."""
    series = series_of(name, order)
    c2, c3 = np.asarray(c2, dtype=np.float64), np.asarray(c3, dtype=np.float64)
    if series is Series.NONE:
        return np.full_like(c2, np.nan), np.full_like(c2, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        second = 5 * c2**2 / 2 - c3 if series is Series.LOG_MEAN else c2**2 / 2
    return c2, np.asarray(second)


def predicted_variance(name: str, k: int, c2: ArrayLike, c3: ArrayLike, *, order: int = 0) -> Array:
    """Variance [B] in nats squared at K samples, two terms; NaN where K <= m or there is no series."""
    first, second = variance_coefficients(name, c2, c3, order=order)
    if series_of(name, order) is Series.JACKKNIFE and k <= order:
        return np.full_like(first, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(first / k + second / k**2)
