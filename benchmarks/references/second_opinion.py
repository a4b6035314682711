"""Two estimates of one log p(x): what is made of them where they agree, and where they do not."""

from __future__ import annotations

import numpy as np
from scipy import stats

from evidence_bench.benchmarks.references.estimates import FINITE_VARIANCE, Estimates, welch

AGREE = 4.0  # standard errors of a normal law
BELOW = 6.0  # the same of a lower opinion: the mean of skewed weights falls far below p(x), its error with it


@np.errstate(invalid="ignore")  # two that met nothing differ by NaN
def combined(first: Estimates, second: Estimates) -> tuple[Estimates, int]:
    """log((p_1 + p_2) / 2), or the larger where the two disagree, and at how many points they do.

    Each p_i is unbiased, so their mean is, with standard error sqrt((s a)^2 + (t b)^2), s and t the shares
    of the sum. Two that disagree are not both right; an estimate by importance sampling is low where it
    missed something, hence the larger, with an interval that covers both (``larger``). One that is in doubt
    is vouched for by another that is not and agrees.
    """
    total = np.logaddexp(first.value, second.value)
    share = np.exp(first.value - total)
    parts = np.stack([share * first.stderr, (1 - share) * second.stderr])
    degrees = welch(parts, np.stack([first.degrees, second.degrees]))
    neither = first.doubtful & second.doubtful
    evaluations = first.evaluations + second.evaluations
    mean = Estimates(total - np.log(2), np.hypot(*parts), degrees, evaluations, neither)
    apart = disagree(first, second)
    return chosen(apart, larger(first, second), mean), int(apart.sum())


def corrected(main: Estimates, opinion: Estimates, khat: np.ndarray) -> tuple[Estimates, int]:
    """``main``, or the larger where the opinion disagrees, and at how many points it does.

    Where they agree the opinion changes nothing: it is the coarser of the two. ``khat`` [B] is that of the
    opinion's weights, NaN where it has none. Weights with a heavy tail can all be too low together, so below
    ``main`` the opinion counts only with a k-hat below 1/2 and beyond 6 errors: of lognormal weights with
    s = 2, 1.4% of those with such a k-hat are beyond 4. Above it always does, because a large weight that
    raises a mean raises its error as well.
    """
    above = (opinion.value > main.value) & disagree(main, opinion)
    below = (opinion.value < main.value) & (khat < FINITE_VARIANCE) & disagree(main, opinion, BELOW)
    apart = ~np.isnan(khat) & (above | below)
    total = main.evaluations + opinion.evaluations
    unchanged = Estimates(main.value, main.stderr, main.degrees, total, main.doubtful)
    return chosen(apart, larger(main, opinion), unchanged), int(apart.sum())


def disagree(first: Estimates, second: Estimates, errors_apart: float = AGREE) -> np.ndarray:
    """Whether p_1 - p_2 [B] is beyond what a normal variable is beyond 4 standard errors, by Student's t.

    On the scale of p(x), where both are unbiased: an estimate that one weight decides has an error as large
    as itself there, and so never disagrees. One that met nothing, -inf, disagrees with any that did.
    """
    top = np.maximum(first.value, second.value)
    p = np.exp(np.stack([first.value, second.value]) - top)
    errors = p * np.stack([first.stderr, second.stderr])
    degrees = welch(errors, np.stack([first.degrees, second.degrees]))
    limit = stats.t.isf(stats.norm.sf(errors_apart), degrees) * np.hypot(*errors)
    one_alone = np.isneginf(first.value) != np.isneginf(second.value)
    return np.asarray(one_alone | (np.abs(p[0] - p[1]) > limit))


def larger(first: Estimates, second: Estimates) -> Estimates:
    """The larger of two that disagree, doubtful; its error is at least half the distance, and covers both.

    Beside one that met nothing, -inf, its own error is all that there is.
    """
    top = chosen(first.value > second.value, first, second)
    distance = np.abs(first.value - second.value)
    covering = np.maximum(top.stderr, distance / stats.t.isf(0.025, top.degrees))
    stderr = np.where(np.isfinite(distance), covering, top.stderr)
    total = first.evaluations + second.evaluations
    return Estimates(top.value, stderr, top.degrees, total, np.ones((), dtype=bool))


def chosen(where: np.ndarray, first: Estimates, second: Estimates) -> Estimates:
    """The first where ``where`` [B] holds, the second elsewhere."""
    value = np.where(where, first.value, second.value)
    stderr = np.where(where, first.stderr, second.stderr)
    degrees = np.where(where, first.degrees, second.degrees)
    doubtful = np.where(where, first.doubtful, second.doubtful)
    return Estimates(value, stderr, degrees, second.evaluations, doubtful)
