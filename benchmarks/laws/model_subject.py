"""A model as the laws see it, with draws that several laws share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.cases import Case
from evidence_bench.models.base import Proposal
from evidence_bench.models.randomness import keyed_generator

DRAWS = 20_000
_POINTS = 4


@dataclass(frozen=True)
class Drawn:
    """Latents z [B, K, L] from a proposal or the prior at x, and their log density log_q [B, K]."""

    proposal: Proposal
    z: Tensor
    log_q: Tensor


@dataclass(frozen=True)
class ModelSubject:
    """A model under its name, on four data points of its own."""

    name: str
    model: Any

    @cached_property
    def x(self) -> Tensor:
        """[B, ...]."""
        return Case(self.name, self.model).points(_POINTS)

    @cached_property
    def from_proposal(self) -> Drawn:
        """20,000 latents from q(z|x) for each data point."""
        return self._drawn("proposal")

    @cached_property
    def from_prior(self) -> Drawn:
        """20,000 latents from p(z) for each data point."""
        return self._drawn("prior")

    def log_joint(self, z: Tensor) -> Tensor:
        """log p(x, z) [B, K] in float64, in pieces of a size that fits."""
        with torch.no_grad():
            parts = [self.model.log_joint(self.x, part) for part in torch.split(z, 1000, dim=1)]
        return torch.cat(parts, dim=1).double()

    def _drawn(self, which: str) -> Drawn:
        with torch.no_grad():
            proposal = getattr(self.model, which)(self.x)
            noise = proposal.noise(DRAWS, keyed_generator(("laws", which)))
            z, log_q = proposal.draw(noise)
        return Drawn(proposal, z, log_q.double())


def discrete(values: Tensor) -> bool:
    """Whether values [n, ...] repeat so often that they have no density."""
    few = values[:1000]
    return few[0].numel() > 0 and len(torch.unique(few, dim=0)) < len(few) // 2
