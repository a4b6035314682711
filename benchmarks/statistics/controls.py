"""Control variates of known mean zero, for a bias far smaller than the estimate's own noise.

On a model whose p(x) is exact, C = mean(w)/p(x) - 1 has mean zero for every proposal, and so has
C^2 - c2/K where c2 is exact. The error of a log of the mean is log(1 + C) = C - C^2/2 + C^3/3 - ..., so
    error - C + (C^2 - c2/K)/2
has the error's mean exactly and, in place of a variance of order 1/K, one of order K^-3 (K^-2 with the
first control alone). The jackknife of any order and the delta method add s^2/(2K wbar^2) to it, s^2 the
sample variance, and smaller terms: c2/(2K) plus noise of order K^-3/2. Their C^2 coefficient is therefore
-1/2 as well, and both controls serve them in the same orders.

How many controls a point gets depends on its c2/K alone, never on the error seen, so the mean stays
exact. It is settled for each point: one hard point neither takes the gain from the others nor is harmed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.statistics.arrays import Array, Quantity, as_points
from benchmarks.statistics.columns import bias
from benchmarks.statistics.expansions import Series, series_of
from benchmarks.statistics.moments import WeightMoments
from benchmarks.statistics.reference_stderr import ReferenceStderr
from models.errors import BenchError

FIRST_UP_TO = 0.1  # of c2/K; beyond these the controls widen the interval or make it under-cover
SECOND_UP_TO = 0.02


def number_of_controls(k: int, moments: WeightMoments) -> NDArray[np.int64]:
    """[B], 0 to 2: the first where c2/K <= .1, the second too where c2 is exact and c2/K <= .02."""
    share = np.where(moments.trusted, moments.c2, np.inf) / k
    return (share <= FIRST_UP_TO).astype(np.int64) + (moments.exact & (share <= SECOND_UP_TO))


def control_of(log_mean_ratio: ArrayLike) -> Array:
    """C = mean(w)/p(x) - 1 from its log in nats; -1 where all weights vanish, inf beyond 709 nats."""
    with np.errstate(over="ignore"):
        return np.asarray(np.expm1(np.asarray(log_mean_ratio, dtype=np.float64)))


def controlled_errors(errors: Array, control: ArrayLike, k: int, c2: ArrayLike, number: ArrayLike) -> Array:
    """errors - C + (C^2 - c2/K)/2 [R, B], with the first ``number`` [B] of the two controls."""
    c = np.asarray(control, dtype=np.float64)
    if c.shape != errors.shape:
        raise BenchError(f"The control has shape {c.shape}; give one for each of the {errors.shape} errors.")
    number = as_points(number, c.shape[1], "number of controls")
    known = np.where(number >= 2, as_points(c2, c.shape[1], "c2"), 0.0)
    return np.asarray(errors - np.where(number >= 1, c, 0) + np.where(number >= 2, (c**2 - known / k) / 2, 0))


def best_errors(
    errors: Array, log_mean_ratio: ArrayLike | None, k: int, moments: WeightMoments | None, expansion: str
) -> Array | None:
    """The controlled errors [R, B], or None where no point may be controlled.

    None without log_mean_ratio [R, B], without c2, for an estimator whose leading term is not C (no
    series), and where no point has c2/K <= .1. Points that may not be controlled keep their plain errors.
    """
    if log_mean_ratio is None or moments is None or series_of(expansion) is Series.NONE:
        return None
    number = number_of_controls(k, moments)
    if not number.any():
        return None
    return controlled_errors(errors, control_of(log_mean_ratio), k, moments.c2, number)


def bias_controlled(
    errors: Array,
    log_mean_ratio: ArrayLike | None,
    k: int,
    moments: WeightMoments | None,
    expansion: str,
    reference_stderr: ArrayLike | ReferenceStderr = 0.0,
) -> Quantity:
    """Mean of the controlled errors with its stderr, in nats: the plain bias, less its noise.

    NaN, to be shown empty, where no point may be controlled: there the plain figure is the one to read.
    """
    controlled = best_errors(errors, log_mean_ratio, k, moments, expansion)
    return Quantity(np.nan, np.nan) if controlled is None else bias(controlled, reference_stderr)
