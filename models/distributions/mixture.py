"""A finite mixture of proposals of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from evidence_bench.models.base import HasLogProb, Proposal
from evidence_bench.models.distributions.categorical import Categorical
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import Generator


class Component(Proposal, HasLogProb, Protocol):
    """What can be mixed: a proposal with a density."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """q(z) = sum_c exp(log_weight[b, c]) q_c(z); log_weight [B, C], C components.

    The components are of one kind and share their noise, of which each draw uses one component's map;
    the noise is that and a uniform coordinate which picks the component, so no bijection.
    """

    log_weight: Tensor
    components: tuple[Component, ...]
    bijective = False

    def __post_init__(self) -> None:
        kinds = {(type(c), getattr(c, "nu", None)) for c in self.components}
        if len(kinds) != 1 or len(self.components) != self.log_weight.shape[-1]:
            raise NotApplicable(
                "A mixture needs one weight a component and components with the same noise; "
                "give all of them one kind (and Student-t ones the same nu)."
            )

    @property
    def _choice(self) -> Categorical:
        return Categorical(self.log_weight)

    def noise(self, k: int, generator: Generator) -> Tensor:
        """[B, k, 1 + D]: a uniform, then the noise of the components."""
        choice, noise = self._choice.noise(k, generator), self.components[0].noise(k, generator)
        return torch.cat([choice.to(noise), noise], dim=-1)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]) of the mixture."""
        index, _ = self._choice.draw(e[..., :1])
        every = torch.stack([c.draw(e[..., 1:])[0] for c in self.components], dim=-1)
        chosen = index.long().unsqueeze(-1).expand(*every.shape[:-1], 1)
        z = every.gather(-1, chosen).squeeze(-1)
        return z, self.log_prob(z)

    def log_prob(self, z: Tensor) -> Tensor:
        """log sum_c weight_c q_c(z) [B, K] at z [B, K, L] or [1, K, L]."""
        parts = torch.stack([c.log_prob(z) for c in self.components], dim=-1)
        return torch.logsumexp(parts + self.log_weight[:, None], dim=-1)
