"""The log of a Gamma variable, the proposal of the gamma weight law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.randomness import Generator, standard_log_gamma


@dataclass(frozen=True, eq=False)
class LogGamma:
    """z = log(g / scale) with g ~ Gamma(concentration, 1), one latent for each of ``rows`` data points.

    In logs nothing underflows: at a concentration of .001 half of all g are below 1e-300. Its noise is z.
    """

    concentration: float
    scale: float
    rows: int
    dtype: torch.dtype
    device: torch.device
    bijective = False

    def noise(self, k: int, generator: Generator) -> Tensor:
        """e [B, k, 1], already distributed as z."""
        of, where = (self.concentration, self.scale), (self.dtype, self.device)
        return standard_log_gamma(generator, *of, self.rows, k, 1, *where)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, 1], log q [B, K]); z is e."""
        return e, self.log_prob(e)

    def log_prob(self, z: Tensor) -> Tensor:
        """c (z + log s) - s exp(z) - log Gamma(c), [B, K] at z of shape [B, K, 1] or [1, K, 1]."""
        c, s = self.concentration, self.scale
        z = z.squeeze(-1).expand(self.rows, -1)
        return (c * z - s * z.expm1()) + (c * math.log(s) - s - math.lgamma(c))
