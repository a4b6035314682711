"""The small models that samplers are tried on, by their names; all know log p(x)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from evidence_bench.models.base import HasData
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.weight_laws import LognormalLaw
from evidence_bench.models.randomness import KeyedDraws, KeyedReplicates, keyed_generator


@dataclass(frozen=True)
class Case:
    """A model under its name, with data points of its own."""

    name: str
    model: Any

    def points(self, n: int) -> Tensor:
        """x [n, ...], fewer where the model has fewer."""
        while isinstance(self.model, HasData):
            try:
                own: Tensor = self.model.data(n)
                return own
            except NotApplicable:
                if n == 1:
                    raise
                n //= 2
        simulated: Tensor = self.model.simulate(n, keyed_generator((0, "data", self.name))).x
        return simulated


@dataclass(frozen=True)
class Truncated(LognormalLaw):
    """The lognormal law of s2 = 1 with the joint cut to z > 1/2, so that many weights are zero."""

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log N(z; s, 1) where z > 1/2, else -inf [B, K]."""
        return torch.where(z[..., 0] > 0.5, super().log_joint(x, z), -math.inf)

    @cached_property
    def _mass(self) -> Tensor:
        above = torch.tensor(math.sqrt(self.s2) - 0.5, dtype=torch.float64)
        mass: Tensor = torch.special.log_ndtr(above)
        return mass

    def log_evidence(self, x: Tensor) -> Tensor:
        """log P(z > 1/2) [B]."""
        return self._mass.expand(x.shape[0])


@dataclass(frozen=True)
class Nowhere(LognormalLaw):
    """The lognormal law, with a second data point whose every weight is zero."""

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """That of the law, and -inf in the second row."""
        return torch.where(x.new_tensor([[1.0], [0.0]]) > 0, super().log_joint(x, z), -math.inf)


CORRELATED = Case(
    "linear-gaussian[latents=6]", LinearGaussian(latents=6, observed=12, weight_sd=0.6, shift=0.5, scale=1.3)
)
PERFECT = Case(
    "a perfect proposal", LinearGaussian(latents=6, observed=12, shift=0.0, scale=1.0, diagonal=False)
)
_NAMES = (
    "lognormal[s2=0.25]",
    "lognormal",
    "gamma",
    "two-point",
    "linear-gaussian[latents=2,observed=3]",
    "mixture",
    "bernoulli-latents",
)


def small_cases() -> tuple[Case, ...]:
    """Models with exact evidence that take milliseconds, without and with a bijective proposal."""
    return (*(Case(*build_model(name)) for name in _NAMES), CORRELATED)


def draws(points: int, block: int, seed: int = 1) -> KeyedDraws:
    """A generator for each of so many data points."""
    return KeyedDraws(tuple(keyed_generator((seed, "draws", i)) for i in range(points)), block)


def replicates(points: int, block: int, take: int, seed: int = 1) -> KeyedReplicates:
    """A generator for each of so many data points, ``take`` replicates of ``block`` used."""
    keyed = tuple(keyed_generator((seed, "replicates", i)) for i in range(points))
    return KeyedReplicates(keyed, block, take)
