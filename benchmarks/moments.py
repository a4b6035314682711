"""Relative central moments of weights, estimated from draws."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def relative_moments(log_w: Tensor) -> np.ndarray:
    """c_i = mean (w - wbar)^i / wbar^i for i = 2, 3 with standard errors: [4, B] as (c2, se, c3, se).

    ``log_w`` [B, n]. The errors come from the influence functions of the two ratios and suppose that the
    moments they need (the fourth and the sixth) exist; a row with no finite weight gives NaN.
    """
    u = torch.exp(log_w - torch.logsumexp(log_w, -1, keepdim=True)) * log_w.shape[-1] - 1
    square = u * u
    cube = square * u
    c2, c3 = square.mean(-1), cube.mean(-1)
    influence_2 = square - 2 * c2[:, None] * u
    influence_3 = cube - 3 * (c2 + c3)[:, None] * u
    root = log_w.shape[-1] ** 0.5
    rows = (c2, influence_2.std(-1) / root, c3, influence_3.std(-1) / root)
    return torch.stack(rows).cpu().numpy()
