"""A categorical latent: the index of one of C classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.models.randomness import Generator, standard_uniform


@dataclass(frozen=True, eq=False)
class Categorical:
    """P(z = c) = exp(log_probability[b, c]); z is the index, kept as a float. log_probability is [B, C].

    Its noise is float64: uniforms of float32 are multiples of 2^-24, and a class of probability 1e-9 is drawn
    never or sixty times too often by them.
    """

    log_probability: Tensor
    bijective = False

    @cached_property
    def _cumulative(self) -> Tensor:
        return self.log_probability.double().exp().cumsum(-1)

    def noise(self, k: int, generator: Generator) -> Tensor:
        """Uniform e [B, k, 1], float64."""
        table = self.log_probability
        return standard_uniform(generator, table.shape[0], k, 1, torch.float64, table.device)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, 1], log q [B, K]) by the inverse of the cumulative distribution."""
        # The total is where rounding left it, so that e below 1 never points past the last class.
        heights = e.squeeze(-1).double() * self._cumulative[:, -1:]
        index = torch.searchsorted(self._cumulative, heights.contiguous(), right=True)
        index = index.clamp_max(self.log_probability.shape[-1] - 1)
        return index.to(self.log_probability).unsqueeze(-1), self.log_probability.gather(-1, index)

    def log_prob(self, z: Tensor) -> Tensor:
        """log_probability[b, z] [B, K] at z [B, K, 1] or [1, K, 1]."""
        rows = self.log_probability.shape[0]
        return self.log_probability.gather(-1, z.squeeze(-1).long().expand(rows, -1))
