"""N(mean, diag(sd^2)), the proposal of most encoders."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.randomness import Generator, standard_normal

LOG_2PI = math.log(2 * math.pi)


def log_standard_normal(e: Tensor) -> Tensor:
    """log N(e; 0, I) over the last axis, in nats: [..., D] -> [...]."""
    return -0.5 * (e.square().sum(-1) + e.shape[-1] * LOG_2PI)


@dataclass(frozen=True, eq=False)
class DiagonalGaussian:
    """z = mean + sd e with e ~ N(0, I); mean and log_sd are [B, L]."""

    mean: Tensor
    log_sd: Tensor
    bijective = True

    def noise(self, k: int, generator: Generator) -> Tensor:
        """e [B, k, L]."""
        rows, latents = self.mean.shape
        return standard_normal(generator, rows, k, latents, self.mean.dtype, self.mean.device)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]), the density taken from the noise."""
        z = torch.addcmul(self.mean[:, None], self.log_sd.exp()[:, None], e)
        return z, log_standard_normal(e) - self.log_sd.sum(-1)[:, None]

    def noise_of(self, z: Tensor) -> Tensor:
        """e = (z - mean) / sd [B, K, L] at z [B, K, L] or [1, K, L]: the inverse of ``draw``."""
        return (z - self.mean[:, None]) * (-self.log_sd).exp()[:, None]

    def log_prob(self, z: Tensor) -> Tensor:
        """log N(z; mean, diag(sd^2)) [B, K] at z [B, K, L] or [1, K, L]."""
        e = self.noise_of(z)
        return log_standard_normal(e) - self.log_sd.sum(-1)[:, None]
