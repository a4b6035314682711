"""Independent binary latents."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from evidence_bench.models.randomness import Generator, standard_uniform


@dataclass(frozen=True, eq=False)
class FactorisedBernoulli:
    """P(z_l = 1) = 1/(1 + exp(-logits[b, l])), independent; z holds 0 and 1 as floats. logits is [B, L].

    Its noise is float64, for those of float32 are multiples of 2^-24.
    """

    logits: Tensor
    bijective = False

    def noise(self, k: int, generator: Generator) -> Tensor:
        """Uniform e [B, k, L], float64."""
        rows, latents = self.logits.shape
        return standard_uniform(generator, rows, k, latents, torch.float64, self.logits.device)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]); z_l = 1 where e_l < P(z_l = 1)."""
        z = (e < self.logits.double().sigmoid()[:, None]).to(self.logits)
        return z, self.log_prob(z)

    def log_prob(self, z: Tensor) -> Tensor:
        """sum_l log P(z_l) [B, K] at z [B, K, L] or [1, K, L]."""
        off = logsigmoid(-self.logits)
        # log P(z) = sum log P(0) + z . logits, because logsigmoid(a) - logsigmoid(-a) = a.
        return (z * self.logits[:, None]).sum(-1) + off.sum(-1)[:, None]
