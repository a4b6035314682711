"""Two estimators on the same points at the same K: how their errors compare."""

from __future__ import annotations

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array, Interval, no_interval
from evidence_bench.benchmarks.statistics.bootstrap import (
    KIND,
    Resamples,
    percentile_interval,
    resampled_means,
)
from evidence_bench.models.errors import BenchError

_FIRST_STREAM, _SECOND_STREAM = 3, 4


def rmse_ratio(errors: Array, other: Array) -> Interval:
    """rmse(errors) / rmse(other) with a 95% interval; errors [R, B] and other [R', B] of the same points.

    The replicates of the two are independent, and are resampled so; the points are the same in every
    sample. NaN with a reason where errors are not finite, for one replicate, and over an rmse of zero.
    """
    if errors.shape[1:] != other.shape[1:]:
        raise BenchError(
            f"{errors.shape[1]} points meet {other.shape[1]}; compare errors of the same points."
        )
    if not (np.isfinite(errors).all() and np.isfinite(other).all()):
        return no_interval("errors that are not finite")
    if min(len(errors), len(other)) < 2:
        return no_interval("one replicate")
    squares, other_squares = (errors**2).mean(axis=1), (other**2).mean(axis=1)
    if other_squares.mean() == 0.0:
        return no_interval("the other estimator has no error at all")
    above = resampled_means(squares, Resamples(len(errors), stream=_FIRST_STREAM))
    below = resampled_means(other_squares, Resamples(len(other), stream=_SECOND_STREAM))
    with np.errstate(divide="ignore", invalid="ignore"):
        samples = np.sqrt(above / below)
    value = float(np.sqrt(squares.mean() / other_squares.mean()))
    return percentile_interval(value, samples, KIND + " of each estimator, points fixed")
