"""Gamma(a, 1), the proposal of the gamma weight law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.randomness import Generator, standard_gamma


@dataclass(frozen=True, eq=False)
class Gamma:
    """z ~ Gamma(concentration, 1), one latent for each of ``rows`` data points; its noise is z itself."""

    concentration: float
    rows: int
    dtype: torch.dtype
    device: torch.device
    bijective = False

    def noise(self, k: int, generator: Generator) -> Tensor:
        """e [B, k, 1], already Gamma distributed."""
        return standard_gamma(generator, self.concentration, self.rows, k, 1, self.dtype, self.device)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, 1], log q [B, K]); z is e."""
        return e, self.log_prob(e)

    def log_prob(self, z: Tensor) -> Tensor:
        """(a - 1) log z - z - log Gamma(a), [B, K] at z > 0 of shape [B, K, 1] or [1, K, 1]."""
        z = z.squeeze(-1).expand(self.rows, -1)
        power = torch.full_like(z, self.concentration - 1)
        return torch.xlogy(power, z) - z - math.lgamma(self.concentration)
