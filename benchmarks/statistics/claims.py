"""What an estimator declares of itself, held against what was measured: its bound and its iid weights.

A claim is contradicted only where the data are as far from it as five standard errors of a normal law are
(6e-7 of right claims, by the t or F law of the figure), so a table of a thousand cells needs no
further correction: a false word in it is seen once in 1700 such tables. It holds where the 95% interval of
the figure lies on its side, and is undecided between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtr, fdtrc, ndtr, stdtr

from evidence_bench.benchmarks.statistics.arrays import Array, Interval, Quantity, as_estimates

TOO_FAR = 5.0  # standard errors of a normal law
CHANCE = float(2 * ndtr(-TOO_FAR))
ROUNDING = 1e-4  # nats: float32 log densities
FEWEST = 100  # replicates x points, for the variance of a mean
FEWEST_K = 3  # for the slope of a bias
LEEWAY = 0.7  # of an order
LARGEST_ERROR = 0.2  # of that ratio, to see weights that are each there twice
_REACH = 1.96  # of a 95% interval, in standard errors
_UNSEEN = 15.0  # -log of the chance
_EXACT = 1e-9  # nats: rounding of an estimate without error
_LEAST_VARIANCE = 1e-12  # of weights between 0 and 1: below, they are constant but for rounding


class Check(StrEnum):
    """What the data say of a claim; NONE where nothing is claimed, or nothing of it can be seen at all."""

    HOLDS = "holds"
    CONTRADICTS = "contradicts"
    UNDECIDED = "undecided"
    NOT_MEASURED = "not measured"
    NONE = ""


@dataclass(frozen=True)
class Claim:
    """A check with the figure that it rests on."""

    check: Check
    measured: Quantity


NO_CLAIM = Claim(Check.NONE, Quantity(np.nan, np.nan))


def bound_claim(bias: Quantity, declared: str, draws: int, *, heavy: bool = False) -> Claim:
    """``measured`` is how far the mean estimate is beyond the declared bound, in nats: the bias, or minus it.

    For a lower bound the bias must not be above zero, for an upper one not below, and for an unbiased
    estimate neither. ``bias`` is the controlled one where there is one: it has the same mean. An excess below
    15 nats over the number of ``draws`` contradicts nothing: so much, a weight that is nearly always a little
    above its mean and never met where it is small can do with a chance of e^-15. ``heavy``: draws may have
    missed large weights, so that an estimate that is too low tells nothing.
    """
    sign = {"lower bound": 1.0, "upper bound": -1.0, "unbiased": 1.0}.get(declared)
    if sign is None or not np.isfinite(bias.value):
        return NO_CLAIM
    beyond = Quantity(sign * bias.value, bias.stderr, bias.over, bias.degrees)
    if not np.isfinite(bias.stderr):  # of one replicate, or of estimates that never varied
        return Claim(Check.HOLDS if abs(beyond.value) <= _EXACT else Check.UNDECIDED, beyond)
    two_sided = declared == "unbiased"
    excess = (abs(beyond.value) if two_sided else beyond.value) - ROUNDING - _UNSEEN / draws
    if not (heavy and bias.value < 0) and _tail(excess, beyond) < CHANCE / (1 if two_sided else 2):
        return Claim(Check.CONTRADICTS, beyond)
    inside = beyond.low <= 0 <= beyond.high if two_sided else beyond.high <= 0
    return Claim(Check.HOLDS if inside or abs(beyond.value) <= _EXACT else Check.UNDECIDED, beyond)


def _tail(value: float, of: Quantity) -> float:
    """P(T > value / stderr); 0 or 1 at no error at all."""
    if of.stderr == 0 or value <= 0:
        return float(value <= 0)
    return float(stdtr(float(np.clip(of.degrees, 1.0, 1e9)), -value / of.stderr))


def iid_claim(mean: ArrayLike, variance: ArrayLike, n: int) -> Claim:
    """``measured`` is n Var(mean of n weights) over Var(one weight), which is 1 where they are independent.

    ``mean`` and ``variance`` (unbiased) [R, B] are over the first n weights v of a replicate, of
    v = w / (w + u) with a constant u: bounded, so that no tail hides in either. Weights that are each there
    twice give 2, a chain more, antithetic or quasi-Monte Carlo ones less than 1. Summed over points; the
    ratio has an F law, of fewer degrees where the means have heavy tails.
    """
    means, within = as_estimates(mean), as_estimates(variance)
    replicates = len(means)
    one = within.mean(axis=0)
    vary = np.isfinite(one) & (one > _LEAST_VARIANCE)
    if n < 2 or replicates < 2 or not vary.any():
        return NO_CLAIM
    of_means, one = n * means[:, vary].var(axis=0, ddof=1), one[vary]
    ratio = float(of_means.sum() / one.sum())
    like, heavy = one.sum() ** 2 / (one**2).sum(), _excess(means[:, vary]) / 2  # points that count alike
    above, below = (replicates - 1) * like / (1 + heavy), replicates * (n - 1) * like / (1 + n * heavy)
    measured = Quantity(ratio, float(ratio * np.sqrt(2 / above + 2 / below)))
    if replicates * vary.sum() < FEWEST:
        return Claim(Check.UNDECIDED, measured)
    far = 2 * min(fdtr(above, below, ratio), fdtrc(above, below, ratio))
    if far < CHANCE:
        return Claim(Check.CONTRADICTS, measured)
    sees = far > 0.05 and measured.stderr <= LARGEST_ERROR
    return Claim(Check.HOLDS if sees else Check.UNDECIDED, measured)


def _excess(means: Array) -> float:
    """Excess kurtosis of the means over replicates, pooled over points; 0 where it is negative."""
    centred = means - means.mean(axis=0)
    spread = centred.std(axis=0)
    scaled = centred[:, spread > 0] / spread[spread > 0]
    return max(0.0, float((scaled**4).mean()) - 3) if scaled.size else 0.0


def cost_claim(evaluations: float, k: int) -> Check:
    """Counted evaluations an estimate are at most K."""
    if not np.isfinite(evaluations):
        return Check.NONE
    return Check.CONTRADICTS if evaluations > k * (1 + 1e-9) else Check.HOLDS


def order_claim(slope: Interval, declared: int | None, clear: int) -> Check:
    """A bias that is O(K^-declared) falls at least so fast: slope of log abs bias at most -declared.

    ``slope`` with its 95% interval, from ``clear`` values of K. Far from the limit a slope is off by up to
    .7 of a right order, and orders are whole numbers: contradicted where the slope is shallower than
    .7 - declared by 5 errors, the interval taken as a normal one; holds where it is not by its interval.
    """
    if not declared:
        return Check.NONE
    if clear < FEWEST_K or not np.isfinite(slope.value + slope.low + slope.high):
        return Check.NOT_MEASURED
    shallowest = LEEWAY - declared
    if slope.value - TOO_FAR / _REACH * (slope.value - slope.low) > shallowest:
        return Check.CONTRADICTS
    return Check.HOLDS if slope.high <= shallowest else Check.UNDECIDED
