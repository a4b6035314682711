"""The space of a proposal's noise, where the proposal itself is N(0, I)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.models.base import Model, Proposal
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.errors import NotBijective
from evidence_bench.models.offers import is_bijective, named


class NoiseSpace:
    """target(e) = log p(x, z(e)) - log q(z(e)|x) + log N(e; 0, I), a density of e with evidence p(x).

    It needs nothing of the proposal but the map e -> z: no mean, no standard deviation. ``dimension`` is
    D, ``dtype`` the one that the map takes. Raises NotBijective where the map is no bijection of N(0, I).
    """

    def __init__(self, model: Model, x: Tensor) -> None:
        self.model = model
        self.x = x
        self.proposal = _bijective(model.proposal(x), model)
        # One draw of a generator that nothing else uses: it tells the shape and the dtype of the noise.
        probe = self.proposal.noise(1, torch.Generator(device=x.device))
        self.dimension = probe.shape[-1]
        self.dtype = probe.dtype

    def target(self, e: Tensor) -> Tensor:
        """target [B, n] in nats, float64, at e [B, n, D]; n evaluations a row."""
        return self.target_and_length(e)[0]

    def target_and_length(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """target [B, n] and the squared length of e [B, n], both float64, at e [B, n, D]."""
        e = e.to(self.dtype)
        length = squared_length(e)
        z, log_stretch = self._moved(e, length)
        return self.model.log_joint(self.x, z).double() + log_stretch, length

    def _moved(self, e: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, n, L], log N(e; 0, I) - log q(z(e)|x)): the latter is log abs det dz/de."""
        if type(self.proposal) is DiagonalGaussian:  # z = mean + sd e, so no density is needed
            mean, log_sd = self.proposal.mean[:, None], self.proposal.log_sd[:, None]
            return torch.addcmul(mean, log_sd.exp(), e), log_sd.double().sum(-1)
        z, log_q = self.proposal.draw(e)
        return z, -0.5 * (length + self.dimension * math.log(2 * math.pi)) - log_q.double()


def squared_length(e: Tensor) -> Tensor:
    """sum_d e_d^2 over the last axis, [..., D] -> [...], summed in float64 whatever the dtype of e."""
    length: Tensor = torch.linalg.vector_norm(e, dim=-1, dtype=torch.float64).square()
    return length


def _bijective(proposal: Proposal, model: Model) -> Proposal:
    if not is_bijective(proposal):
        raise NotBijective(
            f"The proposal {type(proposal).__name__} of {named(model)} is no bijection of N(0, I), which "
            "samplers in noise space need; use 'iwae' or another sampler that only draws from the proposal."
        )
    return proposal
