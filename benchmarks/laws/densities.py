"""Are draws those of the density that came with them? Held against a Gaussian, whose density is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.law import Outcome, Says, undecided
from evidence_bench.benchmarks.laws.means import averages_to_one

_NEAR = 0.9  # standard deviations of the Gaussian over those of the draws
_RISEN = 2.0  # errors by which a mean is higher: then not a factor is wrong, but r lies partly outside


@dataclass(frozen=True)
class Gaussian:
    """N(mean, factor factor^T) of [L], in float64."""

    mean: Tensor
    factor: Tensor

    def log_prob(self, z: Tensor) -> Tensor:
        """log density [n] at z [n, L]."""
        e = torch.linalg.solve_triangular(self.factor, (z.double() - self.mean).mT, upper=False)
        log_det = self.factor.diagonal().log().sum()
        log_p: Tensor = -0.5 * (e.square().sum(0) + len(e) * math.log(2 * math.pi)) - log_det
        return log_p

    def narrower(self, by: float) -> Gaussian:
        """The same with standard deviations ``by`` times as large."""
        return Gaussian(self.mean, by * self.factor)


def fitted_gaussian(z: Tensor) -> Gaussian | None:
    """Mean and covariance of draws z [n, L]; None where they span no volume."""
    z = z.double()
    centred = z - z.mean(0)
    factor, info = torch.linalg.cholesky_ex(centred.mT @ centred / len(z))
    return None if int(info) or not bool(factor.isfinite().all()) else Gaussian(z.mean(0), factor)


def has_density(z: Tensor, log_q: Tensor, name: str) -> Outcome:
    """E_q[r/q] = 1 over draws z [n, L] of log density log_q [n], r a Gaussian fitted to the first half.

    A mean below one is also what a density of bounded support gives, on which r does not lie whole: a
    narrower r has a mean nearer to one there, and where the density is wrong by a factor it has not.
    """
    half, what = len(z) // 2, f"the mean of r/{name}, r a density that is known,"
    fitted = fitted_gaussian(z[:half])
    if fitted is None:
        return undecided("its draws span no volume.")

    def against(by: float) -> Outcome:
        return averages_to_one(fitted.narrower(by).log_prob(z[half:]) - log_q[half:], what)

    outcome = against(_NEAR)
    if outcome.says is not Says.FAILS or outcome.figure > 0:
        return outcome
    narrow = against(_NEAR * (1 - 0.45 / math.sqrt(z.shape[1])))  # with more of it, less would be seen
    rise = narrow.figure - outcome.figure
    if narrow.says is not Says.FAILS or rise > _RISEN * math.hypot(outcome.stderr, narrow.stderr):
        return undecided(f"{outcome.sentence} But r may lie where {name} is zero.", outcome.figure)
    return outcome
