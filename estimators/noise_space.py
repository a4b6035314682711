"""The space of a proposal's noise, where the proposal itself is N(0, I)."""

from __future__ import annotations

import torch
from torch import Tensor

from models.base import Model, Proposal
from models.distributions.diagonal_gaussian import log_standard_normal
from models.errors import NotBijective


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
        z, log_q = self.proposal.draw(e.to(self.dtype))
        return self.model.log_joint(self.x, z).double() - log_q.double() + log_standard_normal(e.double())


def _bijective(proposal: Proposal, model: Model) -> Proposal:
    if not proposal.bijective:
        raise NotBijective(
            f"The proposal {type(proposal).__name__} of {_named(model)} is no bijection of N(0, I), which "
            "samplers in noise space need; use 'iwae' or another sampler that only draws from the proposal."
        )
    return proposal


def _named(model: Model) -> str:
    inner = getattr(model, "model", model)  # the model that a counting wrapper holds
    return type(inner).__name__
