"""Posteriors of known evidence, log p(x) = x[0], and of shapes that a reference can miss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian

Density = Callable[[Tensor], Tensor]  # z [..., L] -> its log density [...]


@dataclass(frozen=True)
class Shaped:
    """log p(x, z) = x[0] + log density(z), of integral one; q is N(mean, sd^2), the prior N(0, 3^2)."""

    density: Density
    latents: int
    mean: float = 0.0
    sd: float = 1.0

    def data(self, n: int) -> Tensor:
        return torch.linspace(-1.0, 1.0, n, dtype=torch.float64)[:, None]

    def prior(self, x: Tensor) -> DiagonalGaussian:
        zero = x.new_zeros(len(x), self.latents)
        return DiagonalGaussian(zero, zero + math.log(3.0))

    def proposal(self, x: Tensor) -> DiagonalGaussian:
        zero = x.new_zeros(len(x), self.latents)
        return DiagonalGaussian(zero + self.mean, zero + math.log(self.sd))

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        return self.density(z) + x[:, :1]

    def truth(self, x: Tensor) -> Tensor:
        return x[:, 0]


def normal(z: Tensor, mean: float | Tensor = 0.0, sd: float | Tensor = 1.0) -> Tensor:
    """log N(z; mean, sd^2), summed over the latents."""
    sd = torch.as_tensor(sd, dtype=z.dtype)
    return (-0.5 * ((z - mean) / sd) ** 2 - sd.log() - 0.5 * math.log(2 * math.pi)).sum(-1)


def two_modes(z: Tensor, apart: float) -> Tensor:
    """.7 N(0, I) + .3 N(apart e_1, I)."""
    far = z - apart * (torch.arange(z.shape[-1]) == 0)
    return torch.logaddexp(math.log(0.7) + normal(z), math.log(0.3) + normal(far))


def banana(z: Tensor) -> Tensor:
    """z_1 ~ N(0, 1), z_2 ~ N(z_1^2 - 1, .3^2), the rest N(0, 1)."""
    bent = normal(z[..., 1:2], z[..., :1] ** 2 - 1, 0.3)
    return normal(z[..., :1]) + bent + normal(z[..., 2:])


def funnel(z: Tensor) -> Tensor:
    """v ~ N(0, 1.5^2), the rest N(0, e^v)."""
    v = z[..., :1]
    return normal(v, 0.0, 1.5) + normal(z[..., 1:], 0.0, (v / 2).exp())


def half_normal(z: Tensor) -> Tensor:
    """N(0, 1) of the positive half-line."""
    return torch.where(z[..., 0] > 0, normal(z) + math.log(2), -math.inf)


SHAPES = {
    "gaussian, 6": Shaped(lambda z: normal(z, 0.5, 0.8), 6),
    "two modes, 2": Shaped(lambda z: two_modes(z, 8.0), 2),
    "two modes, 6": Shaped(lambda z: two_modes(z, 6.0), 6),
    "banana, 6": Shaped(banana, 6),
    "funnel, 6": Shaped(funnel, 6),
    "half-normal, 1": Shaped(half_normal, 1, 0.8, 0.6),
}
