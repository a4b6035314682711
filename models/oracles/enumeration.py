"""Exact sums over the states of a discrete latent."""

from __future__ import annotations

import torch
from torch import Tensor

from evidence_bench.models.base import Moments


def enumerated_moments(log_joint: Tensor, log_q: Tensor) -> Moments:
    """c_i = sum_s q(s) (w(s)/p - 1)^i for i = 2, 3, from the tables [B, S] over all states; float64.

    inf where q is so much smaller than the posterior that the sum is no number.
    """
    log_joint, log_q = log_joint.double(), log_q.double()
    log_p = torch.logsumexp(log_joint, dim=-1, keepdim=True)
    log_ratio = log_joint - log_q - log_p
    return Moments(*(_terms(log_q, log_ratio, n).sum(-1) for n in (2, 3)))


def _terms(log_q: Tensor, log_ratio: Tensor, n: int) -> Tensor:
    """q (w/p - 1)^n [B, S]; in logs where a factor alone is 0 or inf."""
    direct = log_q.exp() * log_ratio.expm1() ** n
    in_logs = (log_q + n * log_ratio).exp()  # the factor is no number only where w/p is far above 1
    return torch.where(direct.isfinite(), direct, in_logs)
