"""Power sums of the rows of an array."""

from __future__ import annotations

import torch
from torch import Tensor

_FEW = 16  # of so few values all powers take two operations, but for gradients: that of cumprod is slow


def power_sums(y: Tensor, degree: int) -> Tensor:
    """sum_i y_i^n for n = 1..degree: y [r, K] gives [r, degree]."""
    if y.shape[-1] <= _FEW and not y.requires_grad:
        return y.unsqueeze(1).expand(-1, degree, -1).cumprod(1).sum(-1)
    power, sums = y, [y.sum(-1)]
    for _ in range(degree - 1):
        power = power * y
        sums.append(power.sum(-1))
    return torch.stack(sums, -1)
