"""Rows of log weights that reducers are tried on: spread, dominated, far from zero, with weights of zero."""

from __future__ import annotations

import torch
from torch import Tensor

NONE = -torch.inf
K = 9


def spread(sd: float, k: int = K, seed: int = 7) -> Tensor:
    """k log weights with standard deviation sd, float64."""
    generator = torch.Generator().manual_seed(seed)
    return sd * torch.randn(k, generator=generator, dtype=torch.float64)


def cut(values: list[float], k: int) -> Tensor:
    """The first k of ``values``, the last of them repeated as needed, float64."""
    return torch.tensor((values + values[-1:] * k)[:k], dtype=torch.float64)


def rows_of(k: int) -> dict[str, Tensor]:
    """Rows of k log weights without a weight of zero."""
    rows = {f"sd {sd}": spread(sd, k) for sd in (0.1, 1.0, 3.0, 10.0, 40.0)}
    rows |= {
        "equal": torch.zeros(k, dtype=torch.float64),
        "one dominates": cut([0.0, -40.0, -41.0, -60.0, -60.5], k),
        "two dominate": cut([0.0, -0.3, -50.0, -51.0, -52.0], k),
        "a staircase": -30.0 * torch.arange(k, dtype=torch.float64),
        "level -700": spread(1.0, k) - 700,
        "level +700": spread(3.0, k) + 700,
        "from +700 to -700": cut([700.0, 0.0, -1.0, -699.0, -700.0], k),
    }
    return rows


def rows_with_zeros(k: int) -> dict[str, Tensor]:
    """Rows with 0, 1, .. k weights other than zero, by their number."""
    rows = {}
    for nonzero in range(k + 1):
        row = spread(2.0, k)
        row[torch.arange(k) * 5 % k >= nonzero] = NONE
        rows[f"{int((row > NONE).sum())} not zero"] = row
    return rows
