"""How many of the weights count."""

from __future__ import annotations

import torch
from torch import Tensor


def effective_sample_size(log_w: Tensor) -> Tensor:
    """(sum w)^2 / sum w^2, [..., K] -> [...], float64, between 1 and K; NaN where all weights are zero.

    Source: Kong, Liu and Wong, JASA 1994.
    """
    return 1 / torch.softmax(log_w.double(), dim=-1).square().sum(dim=-1)


def largest_weight_share(log_w: Tensor) -> Tensor:
    """max w / sum w, [..., K] -> [...], float64, between 1/K and 1; NaN where all weights are zero."""
    return torch.softmax(log_w.double(), dim=-1).amax(dim=-1)
