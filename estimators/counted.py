"""Cost, counted at the one door between a sampler and a model.

An evaluation of ``log_joint`` counts 1 a (row, sample); with its gradient 3; a Gauss-Newton step L + 1.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from evidence_bench.models.base import Curved, Model, Proposal, Simulated
from evidence_bench.models.offers import log_joint_of, prior_of, proposal_of
from evidence_bench.models.randomness import Generator

GRADIENT_COST = 3


class Counted:
    """A model that counts its evaluations and runs the encoder once for the same x."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.evaluations = 0
        self._encoded: tuple[Tensor, Proposal] | None = None
        if isinstance(model, Curved):
            self.gauss_newton = self._gauss_newton

    gauss_newton: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) [B, K]; counts B * K, three times that where z asks for a gradient."""
        log_p = log_joint_of(self.model, x, z)
        with_gradient = z.requires_grad and torch.is_grad_enabled()
        self.evaluations += log_p.numel() * (GRADIENT_COST if with_gradient else 1)
        return log_p

    def proposal(self, x: Tensor) -> Proposal:
        """q(z|x), remembered for the x last seen."""
        if self._encoded is None or self._encoded[0] is not x:
            self._encoded = (x, proposal_of(self.model, x))
        return self._encoded[1]

    def prior(self, x: Tensor) -> Proposal:
        """p(z)."""
        return prior_of(self.model, x)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """Draws from the model; free, for it makes data and no estimate."""
        return self.model.simulate(n, generator)

    def _gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        curved = self.model
        rows, latents = z.shape
        self.evaluations += rows * (latents + 1)
        return curved.gauss_newton(x, z)  # type: ignore[attr-defined,no-any-return]
