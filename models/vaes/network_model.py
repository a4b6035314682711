"""A model whose densities are those of a network, kept in every dtype and on every device it is asked in."""

from __future__ import annotations

import copy
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.models.base import Curved, Proposal, Simulated
from evidence_bench.models.oracles.options import device_of
from evidence_bench.models.randomness import Generator
from evidence_bench.models.vaes.vae import VAE

NUMBERS_A_LATENT = 6  # noise, latents, and what is made of them; logits are held for a few rows only


class NetworkModel:
    """Hands each call to a copy of ``original()`` in the dtype and on the device of what it is given.

    It has curvature where the network has.
    """

    def original(self) -> VAE:
        """The network in float32 on the CPU; called once."""
        raise NotImplementedError(f"{type(self).__name__} has no network; define original().")

    @cached_property
    def _original(self) -> VAE:
        return self.original().requires_grad_(False)

    @cached_property
    def _copies(self) -> dict[tuple[torch.dtype, torch.device], VAE]:
        return {}

    def network(self, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu") -> VAE:
        """The network in that dtype on that device."""
        key = (dtype, torch.device(device))
        if key not in self._copies:
            self._copies[key] = copy.deepcopy(self._original).to(device=device, dtype=dtype)
        return self._copies[key]

    def offer_curvature(self) -> None:
        """Give this model ``gauss_newton`` where its network has it: to be called when it is made."""
        if isinstance(self._original, Curved):
            object.__setattr__(self, "gauss_newton", self._gauss_newton)

    @property
    def values_an_evaluation(self) -> int:
        """Numbers held while log_joint is evaluated once."""
        return NUMBERS_A_LATENT * self._original.latents

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) [B, K] in z's dtype."""
        return self.network(z.dtype, z.device).log_joint(x, z)

    def proposal(self, x: Tensor) -> Proposal:
        """The encoder's q(z|x)."""
        return self.network(x.dtype, x.device).proposal(x)

    def prior(self, x: Tensor) -> Proposal:
        """p(z)."""
        return self.network(x.dtype, x.device).prior(x)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """n images of the model with their latents, float32."""
        return self.network(torch.float32, device_of(generator)).simulate(n, generator)

    def _gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.network(z.dtype, z.device).gauss_newton(x, z)
