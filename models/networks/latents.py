"""Priors of the latents of a VAE: layers of Gaussians, or one layer of bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn

from evidence_bench.models.base import Proposal
from evidence_bench.models.distributions.ancestral_gaussian import AncestralGaussian, log_normal
from evidence_bench.models.distributions.bernoulli import FactorisedBernoulli
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian, log_standard_normal
from evidence_bench.models.errors import BadOption

# Beyond this the first tanh has long saturated; an infinite latent would give inf - inf in its matrix.
FAR = 1e8


class LatentPrior(Protocol):
    """p(z) of latents of the given widths. ``curved``: z ~ N(0, I), so its curvature is I."""

    @property
    def curved(self) -> bool: ...

    def log_density(self, z: Tensor) -> Tensor:
        """log p(z) [...] in nats at z [..., L]."""
        ...

    def proposal(self, x: Tensor) -> Proposal:
        """p(z), one copy for each row of x."""
        ...


Latent = Callable[[tuple[int, ...], nn.ModuleList], LatentPrior]  # from the widths and the upper networks


@dataclass(frozen=True, eq=False)
class GaussianPrior:
    """z_n ~ N(0, I), z_i given z_{i+1} ~ N(mean, diag(sd^2)) by ``upper[i]``: z_{i+1} -> (mean, log sd).

    ``widths`` are those of z_1 (nearest to x) to z_n, and z is [z_1, ..., z_n] in one tensor.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """

    widths: tuple[int, ...]
    upper: nn.ModuleList

    @property
    def curved(self) -> bool:
        """Curvature through several layers is not written."""
        return len(self.widths) == 1

    def log_density(self, z: Tensor) -> Tensor:
        """log N(z_n; 0, I) + sum_i log p(z_i | z_{i+1}) for z [..., L]."""
        layers = torch.split(z, list(self.widths), dim=-1)
        total = log_standard_normal(layers[-1])
        for below, above, network in zip(layers, layers[1:], self.upper, strict=False):
            total = total + log_normal(below, *network(above.clamp(-FAR, FAR)))
        return total

    def proposal(self, x: Tensor) -> Proposal:
        """p(z), drawn from the top layer down."""
        zeros = x.new_zeros(x.shape[0], self.widths[-1])
        if not len(self.upper):
            return DiagonalGaussian(zeros, zeros)
        return AncestralGaussian(zeros, zeros, tuple(self.upper)[::-1], self.widths[-2::-1], top_first=True)


@dataclass(frozen=True, eq=False)
class BernoulliPrior:
    """L independent bits, P(z_l = 1) = 1/2; z holds zeros and ones. BadOption for more than one layer."""

    widths: tuple[int, ...]
    upper: nn.ModuleList
    curved: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if len(self.widths) != 1 or len(self.upper):
            raise BadOption(
                f"Bernoulli latents come in one layer, not {len(self.widths)}; "
                "ask for one layer, or for Gaussian latents."
            )

    def log_density(self, z: Tensor) -> Tensor:
        """-L log 2 [...] at every z [..., L] of zeros and ones."""
        return z.new_full(z.shape[:-1], -self.widths[0] * math.log(2))

    def proposal(self, x: Tensor) -> Proposal:
        """Fair bits."""
        return FactorisedBernoulli(x.new_zeros(x.shape[0], self.widths[0]))
