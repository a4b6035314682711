"""N(mean, C C^T) with a full covariance given by its Cholesky factor."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.distributions.diagonal_gaussian import log_standard_normal
from evidence_bench.models.randomness import Generator, standard_normal


def whiten(z: Tensor, mean: Tensor, chol: Tensor) -> Tensor:
    """C^-1 (z - mean): [B, K, L] from z [B or 1, K, L], mean [B, L], chol [B or 1, L, L]."""
    centred = (z - mean[:, None]).mT
    whitened: Tensor = torch.linalg.solve_triangular(chol, centred, upper=False).mT
    return whitened


def log_determinant(chol: Tensor) -> Tensor:
    """log |det C| of lower triangular factors: [..., L, L] -> [...]."""
    return chol.diagonal(dim1=-2, dim2=-1).log().sum(-1)


@dataclass(frozen=True, eq=False)
class FullGaussian:
    """z = mean + C e with e ~ N(0, I); mean [B, L], chol [B, L, L] or one [1, L, L] for all rows."""

    mean: Tensor
    chol: Tensor
    bijective = True

    def noise(self, k: int, generator: Generator) -> Tensor:
        """e [B, k, L]."""
        rows, latents = self.mean.shape
        return standard_normal(generator, rows, k, latents, self.mean.dtype, self.mean.device)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]), the density taken from the noise."""
        z = self.mean[:, None] + e @ self.chol.mT
        return z, log_standard_normal(e) - log_determinant(self.chol)[:, None]

    def log_prob(self, z: Tensor) -> Tensor:
        """log N(z; mean, C C^T) [B, K] at z [B, K, L] or [1, K, L]."""
        return log_standard_normal(whiten(z, self.mean, self.chol)) - log_determinant(self.chol)[:, None]
