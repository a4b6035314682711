"""Control variates of known mean zero, for a bias far smaller than the estimate's own noise.

On a model whose p(x) is exact, C = mean(w)/p(x) - 1 has mean zero for every proposal, and so has
C^2 - c2/K where c2 is exact. The error of a log of the mean is log(1 + C) = C - C^2/2 + C^3/3 - ..., so
    error - C + (C^2 - c2/K)/2
has the error's mean exactly and, in place of a variance of order 1/K, one of order K^-3 (K^-2 with the
first control alone). The jackknife of any order and the delta method add s^2/(2K wbar^2) to it, s^2 the
sample variance, and smaller terms: c2/(2K) plus noise of order K^-3/2. Their C^2 coefficient is therefore
-1/2 as well, and both controls serve them in the same orders.

How much of each control a point gets depends on its c2/K and on the tail of its weights, never on the error
seen, so the mean stays exact. An estimated c2 is large in the same draws whose mean weight is large: chosen
by it, controls would shift the bias by more than its standard error. So each half of the replicates gets what
c2 and k-hat of the other half allow, and there the share falls slowly: a hard limit would make the halves
depend on each other. It is settled for each point: one hard point neither takes the gain from the others nor
is harmed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Quantity, as_points
from evidence_bench.benchmarks.statistics.columns import bias
from evidence_bench.benchmarks.statistics.expansions import Series, series_of
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.benchmarks.statistics.moments import WeightMoments, halves
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.models.errors import BenchError

FIRST_UP_TO = 0.1  # of c2/K; beyond these the controls widen the interval or make it under-cover
SECOND_UP_TO = 0.02
FIRST_UP_TO_SKEW = 1.5  # of C; what is left has the tail of C^2, or of C^3 after the second control
SECOND_UP_TO_SKEW = 0.35
FIRST_FULL_FROM, SECOND_FULL_FROM = 800, 200  # R B, so that the mean of so skewed errors is normal enough
FIRST_FALLS = 0.05, 0.15  # estimated c2/K of the other half: the whole control below, none above
FIRST_FALLS_KHAT = 0.3, 0.5


@dataclass(frozen=True)
class Shares:
    """How much of the first and of the second control each replicate and point gets, [R, B] from 0 to 1."""

    first: Array
    second: Array


def shares_of_controls(k: int, moments: WeightMoments, replicates: int) -> Shares:
    """The first control where c2/K <= .1, the second too where c2 is exact and c2/K <= .02.

    With exact moments all or nothing, and only where the skewness of C, c3/(c2^1.5 sqrt K), is at most 1.5
    (.35 for the second), less for R B below 800 (200). With estimated ones a replicate goes by the other
    half: from 1 at c2/K = .05 to 0 at .15, times 1 at a k-hat of .3 to 0 at .5. R = 1 then gets none.
    """
    if moments.estimated:
        share = _falling(moments.c2_halves / k, *FIRST_FALLS) * _falling(
            moments.khat_halves, *FIRST_FALLS_KHAT
        )
        first = np.repeat(share[::-1], halves(replicates), axis=0)
        return Shares(first, np.zeros_like(first))
    size, skew = moments.c2 / k, np.abs(moments.skew) / np.sqrt(k)
    estimates = replicates * len(moments.c2)
    most = FIRST_UP_TO_SKEW * min(1.0, estimates / FIRST_FULL_FROM) ** 0.5
    most_second = SECOND_UP_TO_SKEW * min(1.0, estimates / SECOND_FULL_FROM) ** 0.5
    first = (size <= FIRST_UP_TO) & (skew <= most)
    second = first & moments.exact & (size <= SECOND_UP_TO) & (skew <= most_second)
    return Shares(*(np.tile(part.astype(np.float64), (replicates, 1)) for part in (first, second)))


def _falling(values: Array, whole: float, none: float) -> Array:
    """1 up to ``whole``, 0 from ``none`` on and where the value is not known."""
    return np.asarray(np.nan_to_num(((none - values) / (none - whole)).clip(0, 1), nan=0.0))


def control_of(log_mean_ratio: ArrayLike) -> Array:
    """C = mean(w)/p(x) - 1 from its log in nats; -1 where all weights vanish, inf beyond 709 nats."""
    with np.errstate(over="ignore"):
        return np.asarray(np.expm1(np.asarray(log_mean_ratio, dtype=np.float64)))


def controlled_errors(errors: Array, control: ArrayLike, k: int, c2: ArrayLike, shares: Shares) -> Array:
    """errors - C + (C^2 - c2/K)/2 [R, B], with the share of each of the two controls that is given."""
    c = np.asarray(control, dtype=np.float64)
    if c.shape != errors.shape:
        raise BenchError(f"The control has shape {c.shape}; give one for each of the {errors.shape} errors.")
    first, second = np.where(shares.first > 0, c, 0.0), np.where(shares.second > 0, c, 0.0)
    known = np.where(shares.second > 0, as_points(c2, c.shape[1], "c2") / k, 0.0)
    return np.asarray(errors - shares.first * first + shares.second * (second**2 - known) / 2)


def best_errors(
    errors: Array,
    log_mean_ratio: ArrayLike | None,
    k: int,
    moments: WeightMoments | None,
    expansion: str,
    reference_stderr: ArrayLike | ReferenceStderr = 0.0,
) -> MeasuredErrors | None:
    """The controlled errors [R, B], or None where no point may be controlled.

    None without log_mean_ratio [R, B], without c2, for an estimator whose leading term is not C (no
    series), and where no point gets a control. Points that get none keep their plain errors. A reference
    that is off by d moves C too (measured_errors.py), so that little of its error is left under control.
    """
    if log_mean_ratio is None or moments is None or series_of(expansion) is Series.NONE:
        return None
    shares = shares_of_controls(k, moments, len(errors))
    if not shares.first.any():
        return None
    controlled = controlled_errors(errors, control_of(log_mean_ratio), k, moments.c2, shares)
    first, second = shares.first.mean(axis=0), shares.second.mean(axis=0)
    size = np.where(second > 0, moments.c2, 0.0) / k
    return MeasuredErrors.controlled(controlled, reference_stderr, first, second, size)


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
    best = best_errors(errors, log_mean_ratio, k, moments, expansion, reference_stderr)
    return Quantity(np.nan, np.nan) if best is None else bias(best.errors, best.known_to)
