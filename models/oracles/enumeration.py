"""Exact sums over the states of a discrete latent."""

from __future__ import annotations

import torch
from torch import Tensor

from models.base import Moments


def enumerated_moments(log_joint: Tensor, log_q: Tensor) -> Moments:
    """c_i = sum_s q(s) (w(s)/p - 1)^i for i = 2, 3, from the tables [B, S] over all states; float64."""
    log_joint, log_q = log_joint.double(), log_q.double()
    log_p = torch.logsumexp(log_joint, dim=-1, keepdim=True)
    deviation = torch.expm1(log_joint - log_q - log_p)
    q = log_q.exp()
    return Moments((q * deviation**2).sum(-1), (q * deviation**3).sum(-1))
