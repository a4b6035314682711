"""Does the mean weight equal p(x)? If not, log_joint, proposal and log_evidence do not belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from evidence_bench.benchmarks.statistics.arrays import Array, Mask, Quantity, as_estimates
from evidence_bench.benchmarks.statistics.mean_weight import MeanWeight, Spread, far_errors, mean_weight
from evidence_bench.benchmarks.statistics.moments import LARGEST_KHAT, WeightMoments
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr

TOO_FAR = 5.0  # standard errors: a right model is that far off in 6e-7 of runs
LARGEST_SKEW = 0.1  # of the mean weight: up to it the normal law holds at 5 standard errors, to a factor of 8
FEWEST_DEGREES = 20  # of freedom, where only the replicates tell the spread
RARE = 1e-6  # chance of a right model to be so far above by luck, whatever its tail
ROUNDING = 1e-4  # nats: float32 log densities
_BETS = np.array([1.0, 0.3, 0.1, 0.03, 0.01])


@dataclass(frozen=True)
class WeightCheck:
    """Mean weight over p(x), its log ``gap`` in nats, and "passes", "fails" or "" where it cannot be told.

    Both figures are of the points that were judged, and of all where none was.
    """

    ratio: Quantity
    gap: Quantity
    verdict: str

    @property
    def fails(self) -> bool:
        """Whether the mean of the weights is not p(x)."""
        return self.verdict == "fails"


def weight_check(
    log_mean_ratio: ArrayLike | None,
    k: int,
    moments: WeightMoments | None,
    reference_stderr: ArrayLike | ReferenceStderr = 0.0,
) -> WeightCheck:
    """Mean of exp(log_mean_ratio) over replicates and points, held against 1; log_mean_ratio [R, B] at K = k.

    "fails" where 1 - exp(-abs gap) is above 5 standard errors, of the points whose tail is known: those with
    exact moments and a mean that is not skewed; else the halves of replicates whose other half has a k-hat
    below .5 (by its own it would be chosen where its large weights were missed). It "fails" too where it is
    ``surely_above``, whatever the tail. No verdict where no tail is known.
    """
    if log_mean_ratio is None:
        unknown = Quantity(np.nan, np.nan)
        return WeightCheck(unknown, unknown, "")
    log_ratio = as_estimates(log_mean_ratio)
    known_to = ReferenceStderr.of(reference_stderr, log_ratio.shape[1])
    judged = _judged(log_ratio, k, moments, known_to)
    if judged is not None and -np.expm1(-abs(judged.gap)) > judged.reach(TOO_FAR) + ROUNDING:
        return WeightCheck(judged.ratio, judged.quantity, "fails")
    above = surely_above(log_ratio, known_to)
    if judged is not None and not above:
        return WeightCheck(judged.ratio, judged.quantity, "passes")
    everything = np.ones((2, log_ratio.shape[1]), dtype=bool)
    shown = mean_weight(log_ratio, everything, Spread.of_replicates(log_ratio), known_to)
    return WeightCheck(shown.ratio, shown.quantity, "fails" if above else "")


def surely_above(log_ratio: Array, known_to: ReferenceStderr) -> bool:
    """Whether the mean weight is above p(x) for all that a right model does in one of a million runs.

    Who stakes a share s of what is left on each ratio r of mean one has prod (1 + s (r - 1)) in the end, of
    mean one whatever the law of r >= 0; so it is above 1/RARE in at most one of a million runs (Markov). Mean
    over five s. p(x) is taken at the upper end of what its reference allows.
    """
    ratio = log_ratio - far_errors(known_to.stderr, known_to.degrees, TOO_FAR)
    with np.errstate(divide="ignore"):
        wealth = [np.logaddexp(np.log1p(-s), np.log(s) + ratio).sum() for s in _BETS]
    return bool(logsumexp(wealth) - np.log(len(_BETS)) > -np.log(RARE))


def _judged(
    log_ratio: Array, k: int, moments: WeightMoments | None, known_to: ReferenceStderr
) -> MeanWeight | None:
    """The mean over the points whose tail is known; None without any, or where it is too skewed to judge."""
    if moments is None:
        return None
    replicates = len(log_ratio)
    spread = Spread.of_draws(k, moments)
    if not moments.estimated:
        chosen = _exact(k * replicates, moments)
    else:
        iid = bool(np.isfinite(moments.c2).any())
        spread = spread if iid else Spread.of_replicates(log_ratio)
        chosen = (moments.khat_halves[::-1] < LARGEST_KHAT) & np.isfinite(spread.second)
        if not iid and chosen.any(axis=0).sum() * (replicates - 2) < FEWEST_DEGREES:
            return None
    found = mean_weight(log_ratio, chosen, spread, known_to)
    return found if found.skew <= LARGEST_SKEW else None


def _exact(draws: int, moments: WeightMoments) -> Mask:
    """[2, B], the points of least c2: as many as give the mean its smallest error without too much skew.

    A point more counts as if the median one were there already, so that points without any variance do not
    shut out all others.
    """
    c2, c3 = moments.c2.clip(0), np.abs(moments.c3)
    chosen = np.zeros(len(c2), dtype=bool)
    order = np.argsort(c2)
    order = order[np.isfinite(c2[order] + c3[order])]
    if not len(order):
        return np.stack([chosen, chosen])
    second, third = np.cumsum(c2[order]) / draws, np.cumsum(c3[order]) / draws**2
    with np.errstate(invalid="ignore", divide="ignore"):
        allowed = np.where(second > 0, third / second**1.5, 0.0) <= LARGEST_SKEW
        error = np.sqrt(second + np.median(c2[order]) / draws) / np.arange(1, len(order) + 1)
    if allowed.any():
        chosen[order[: 1 + int(np.argmin(np.where(allowed, error, np.inf)))]] = True
    return np.stack([chosen, chosen])
