"""Moments of the weights where posterior and proposal are both Gaussian."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.models.base import Moments


def gaussian_moments(offset: Tensor, posterior: Tensor, proposal: Tensor) -> Moments:
    """c2 = M_2 - 1, c3 = M_3 - 3 M_2 + 2, with M_n = integral of p(z|x)^n q(z)^(1-n).

    ``offset`` [B, L] is the proposal's mean minus the posterior's; ``posterior`` and ``proposal`` [L, L] are
    the two precision matrices P and Q, float64. M_n is a Gaussian integral with precision n P - (n-1) Q,
    and infinite where that is not positive definite.
    """
    second = _power_integral(2, offset, posterior, proposal)
    third = _power_integral(3, offset, posterior, proposal)
    # M_3 exists only where M_2 does, so that inf - inf cannot arise from a finite third moment.
    c3 = torch.where(third.isinf(), third, third - 3 * second + 2)
    return Moments(second - 1, c3)


def _power_integral(n: int, offset: Tensor, posterior: Tensor, proposal: Tensor) -> Tensor:
    precision = n * posterior - (n - 1) * proposal
    factor, failed = torch.linalg.cholesky_ex(precision)
    if bool(failed):
        return torch.full_like(offset[:, 0], math.inf)
    pulled = (n - 1) * offset @ proposal
    solved = torch.linalg.solve_triangular(factor, pulled.mT, upper=False).mT
    quadratic = (n - 1) * (offset @ proposal * offset).sum(-1) + solved.square().sum(-1)
    log_det = n * posterior.logdet() - (n - 1) * proposal.logdet() - 2 * factor.diagonal().log().sum()
    integral: Tensor = (0.5 * (log_det + quadratic)).exp()
    return integral
