"""Orders read off the data: slopes of log abs bias and of log variance against log K.

A slope is sum_i h_i log y_i over the K, h the weights of least squares; to first order a replicate moves it
by sum_i h_i (its part in y_i) / y_i. Replicate r at K and at 2K share draws, and all K share the reference:
both are in that sum. Intervals are Student's t on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtrit

from evidence_bench.benchmarks.statistics.arrays import Array, Interval, Quantity, no_interval
from evidence_bench.benchmarks.statistics.columns import bias, variance_of_points
from evidence_bench.benchmarks.statistics.intervals import degrees_of_sum, reach
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.models.errors import BenchError

CLEAR_OF_NOISE = 3.0  # standard errors
FEWEST_REPLICATES = 6  # of which two choose the K
KIND = "95% Student t over replicates and reference"


@dataclass(frozen=True)
class Slope:
    """A slope with its interval, and the K that it was fitted to."""

    interval: Interval
    ks: tuple[int, ...] = ()


def bias_slope(ks: Sequence[int], measured: Sequence[MeasuredErrors]) -> Slope:
    """Least-squares slope of log abs bias against log K; the errors of each K, controlled where they can be.

    K enter from the first on, up to the first whose abs bias is not above 3 standard errors: below, log abs
    bias is the log of noise. A third of the replicates chooses the K and the others are fitted, because a K
    that is chosen by its own bias has one that is too large. K with infinite errors are left out. NaN with a
    reason where fewer than two K are left, where the bias changes sign among them, and for R below 6.
    """
    _checked(ks, [one.errors for one in measured])
    replicates = len(measured[0].errors)
    if replicates < FEWEST_REPLICATES:
        return Slope(no_interval(f"fewer than {FEWEST_REPLICATES} replicates"))
    finite = [i for i, one in enumerate(measured) if np.isfinite(one.errors).all()]
    choosing = np.arange(replicates) % 3 == 0
    count, reason = _clear([measured[i].part(choosing) for i in finite])
    used = finite[:count]
    fitted = [measured[i].part(~choosing) for i in used]
    signs = {np.sign(one.errors.mean()) for one in fitted}
    if reason or len(signs) > 1:
        return Slope(no_interval(reason or "the bias changes sign"))
    return Slope(_bias_fit(_log(ks)[used], fitted), tuple(int(ks[i]) for i in used))


def variance_slope(ks: Sequence[int], errors: Array) -> Interval:
    """Least-squares slope of log variance (mean over points) against log K; errors [n_k, R, B].

    NaN with a reason with fewer than two K whose variance is finite and positive, and for R below 3.
    """
    _checked(ks, errors)
    if errors.shape[1] < 3:
        return no_interval("fewer than three replicates have no error of a variance")
    used = np.array([bool(np.isfinite(e).all() and np.ptp(e, axis=0).any()) for e in errors])
    if used.sum() < 2:
        return no_interval("fewer than two K with a finite, positive variance")
    measured = np.array([variance_of_points(e).mean() for e in errors[used]])
    weights = _weights(_log(ks)[used])
    squares = (errors[used] - errors[used].mean(axis=1, keepdims=True)) ** 2
    return _student(weights @ np.log(measured), _of_variances(weights / measured, squares))


def predicted_slope(ks: Sequence[int], values: ArrayLike) -> float:
    """Least-squares slope of log abs values against log K: what a series says of the same K."""
    values = np.abs(np.asarray(values, dtype=np.float64))
    if len(ks) < 2 or not (np.isfinite(values).all() and values.all()):
        return float("nan")
    return float(_weights(_log(ks)) @ np.log(values))


def _clear(measured: Sequence[MeasuredErrors]) -> tuple[int, str]:
    """How many K from the first on have a bias clear of its noise, and why there is no slope, if so."""
    signs: list[float] = []
    for one in measured:
        found = bias(one.errors, one.known_to)
        if not abs(found.value) > _quantile(found.degrees) * found.stderr:
            break
        signs.append(float(np.sign(found.value)))
    if len(signs) < 2:
        few = f"fewer than two K have a bias above {CLEAR_OF_NOISE:g} standard errors"
        return len(signs), f"{few} in a third of the replicates"
    return len(signs), "the bias changes sign" if len(set(signs)) > 1 else ""


def _quantile(degrees: float) -> float:
    """What Student's t exceeds as often as a normal variable exceeds 3."""
    return float(stdtrit(min(max(degrees, 1.0), 1e6), ndtr(CLEAR_OF_NOISE)))


def _bias_fit(logs: Array, measured: Sequence[MeasuredErrors]) -> Interval:
    errors = np.stack([one.errors for one in measured])
    means, weights = errors.mean(axis=(1, 2)), _weights(logs)
    part = weights / means  # what a nat at each K moves the slope by
    linear = part @ np.stack([one.linear for one in measured])
    square = part @ np.stack([one.square for one in measured])
    noise = bias(np.tensordot(part, errors, 1), measured[0].reference.moved(linear, square))
    return _student(weights @ np.log(np.abs(means)), noise)


def _of_variances(part: Array, squares: Array) -> Quantity:
    """The error of sum_i part_i variance_i, from squares [n_k, R, B] about the points' means."""
    replicates, points = squares.shape[1:]
    moves = np.tensordot(part, squares, 1)
    factor = replicates**2 / ((replicates - 1) * (replicates - 2) ** 2)
    variances = factor * moves.var(axis=0) / points**2
    return Quantity(0.0, float(np.sqrt(variances.sum())), degrees=degrees_of_sum(variances, replicates - 1))


def _student(value: float, noise: Quantity) -> Interval:
    half = float(reach(noise.stderr, noise.degrees))
    return Interval(float(value), float(value - half), float(value + half), KIND)


def _weights(x: Array) -> Array:
    """h with h @ y the least-squares slope of y against x."""
    centred = x - x.mean()
    return np.asarray(centred / (centred @ centred))


def _log(ks: Sequence[int]) -> Array:
    return np.log(np.asarray(ks, dtype=np.float64))


def _checked(ks: Sequence[int], errors: Sequence[Array] | Array) -> None:
    shapes = {np.shape(one) for one in errors}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2 or len(ks) != len(errors) or len(set(ks)) < len(ks):
        raise BenchError(
            f"{len(ks)} values of K came with errors of shapes {shapes}; give [n_k, R, B], each K once."
        )
