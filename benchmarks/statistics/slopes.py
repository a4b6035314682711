"""Orders read off the data: slopes of log abs bias and of log variance against log K.

Replicate r at K and at 2K share draws, so replicates are resampled jointly over K. Arrays are
[n_k, R, B], in the order of ``ks``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.statistics.arrays import Array, Interval, Mask, no_interval
from benchmarks.statistics.bootstrap import (
    Resamples,
    percentile_interval,
    resampled_means,
    resampled_variance,
)
from benchmarks.statistics.columns import bias, variance_of_points
from models.errors import BenchError

CLEAR_OF_NOISE = 3.0  # standard errors


def bias_slope(ks: Sequence[int], errors: Array) -> Interval:
    """Least-squares slope of log abs bias against log K; errors [n_k, R, B], controlled where they can be.

    Only K whose abs bias is above 3 standard errors enter: below, log abs bias is the log of noise. NaN
    with a reason where fewer than two do, or where the bias changes sign among them.
    """
    used, reason = clear_biases(_checked(ks, errors))
    if reason:
        return no_interval(reason)
    means = errors[used].mean(axis=2)
    resampled = resampled_means(means.T, Resamples(errors.shape[1]))
    value = _slope(_log(ks)[used], np.log(np.abs(means.mean(axis=1))))
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample may have no bias at all
        samples = _slope(_log(ks)[used], np.log(np.abs(resampled)))
    return percentile_interval(float(value), samples)


def variance_slope(ks: Sequence[int], errors: Array) -> Interval:
    """Least-squares slope of log variance (mean over points) against log K; errors [n_k, R, B].

    NaN with a reason with fewer than two K whose variance is finite and positive, and for R = 1.
    """
    _checked(ks, errors)
    if errors.shape[1] < 2:
        return no_interval("one replicate has no variance")
    used = np.array([bool(np.isfinite(e).all() and np.ptp(e, axis=0).any()) for e in errors])
    if used.sum() < 2:
        return no_interval("fewer than two K with a finite, positive variance")
    resamples = Resamples(errors.shape[1])
    measured = np.array([variance_of_points(e).mean() for e in errors[used]])
    resampled = np.stack([resampled_variance(e, resamples) for e in errors[used]], axis=-1)
    value = _slope(_log(ks)[used], np.log(measured))
    with np.errstate(divide="ignore", invalid="ignore"):  # nor any variance
        samples = _slope(_log(ks)[used], np.log(resampled))
    return percentile_interval(float(value), samples)


def clear_biases(errors: Array) -> tuple[Mask, str]:
    """Which K have a bias clear of its noise, and why no slope can be had from them ("" if one can)."""
    biases = [bias(e) for e in errors]
    used = np.array([abs(b.value) > CLEAR_OF_NOISE * b.stderr and np.isfinite(b.value) for b in biases])
    signs = {np.sign(b.value) for b, use in zip(biases, used, strict=True) if use}
    if used.sum() < 2:
        return used, f"fewer than two K have a bias above {CLEAR_OF_NOISE:g} standard errors"
    return used, "the bias changes sign" if len(signs) > 1 else ""


def predicted_slope(ks: Sequence[int], values: ArrayLike) -> float:
    """Least-squares slope of log abs values against log K: what a series says of the same K."""
    values = np.abs(np.asarray(values, dtype=np.float64))
    if len(ks) < 2 or not (np.isfinite(values).all() and values.all()):
        return float("nan")
    return float(_slope(_log(ks), np.log(values)))


def _slope(x: Array, y: Array) -> Array:
    """Least-squares slope of y [..., n] against x [n]."""
    centred = x - x.mean()
    return np.asarray(y @ (centred / (centred @ centred)))


def _log(ks: Sequence[int]) -> Array:
    return np.log(np.asarray(ks, dtype=np.float64))


def _checked(ks: Sequence[int], errors: Array) -> Array:
    if errors.ndim != 3 or len(ks) != len(errors) or len(set(ks)) < len(ks):
        raise BenchError(
            f"{len(ks)} values of K came with errors of shape {errors.shape}; give [n_k, R, B], each K once."
        )
    return errors
