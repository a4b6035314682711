"""The 20-dimensional Gaussian of the jackknife's and the multilevel estimators' experiments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.models.base import Moments, Simulated
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian, log_standard_normal
from evidence_bench.models.oracles.gaussian_moments import gaussian_moments
from evidence_bench.models.oracles.options import device_of, require_seed
from evidence_bench.models.randomness import Generator, standard_normal

LATENTS = 20
POSTERIOR_PRECISION = 2.0
PROPOSAL_VARIANCE = 2 / 3


@dataclass(frozen=True)
class Gaussian20D:
    """z ~ N(theta, I), x given z ~ N(z, I): p(x) = N(x; theta, 2 I); theta ~ N(0, I) from ``seed``.

    q = N((x + theta)/2, (2/3) I) has the posterior's mean and 4/3 of its variance, so c2 = (16/15)^10 - 1.
    """

    seed: int = 0  # of the prior mean theta

    def __post_init__(self) -> None:
        require_seed("gaussian-20d", self.seed)

    @cached_property
    def theta(self) -> Tensor:
        """The prior mean [20], float64."""
        return torch.randn(LATENTS, generator=torch.Generator().manual_seed(self.seed), dtype=torch.float64)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log N(z; theta, I) + log N(x; z, I) [B, K]."""
        return log_standard_normal(z - self.theta.to(z)) + log_standard_normal(x.to(z)[:, None] - z)

    def proposal(self, x: Tensor) -> DiagonalGaussian:
        """N((x + theta)/2, (2/3) I)."""
        mean = (x + self.theta.to(x)) / 2
        return DiagonalGaussian(mean, torch.full_like(mean, 0.5 * math.log(PROPOSAL_VARIANCE)))

    def prior(self, x: Tensor) -> DiagonalGaussian:
        """N(theta, I)."""
        mean = self.theta.to(x).expand(x.shape[0], -1)
        return DiagonalGaussian(mean, torch.zeros_like(mean))

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, 20] and z [n, 20], float64."""
        device, dtype = device_of(generator), torch.float64
        z = self.theta.to(device) + standard_normal(generator, n, 1, LATENTS, dtype, device)[:, 0]
        return Simulated(z + standard_normal(generator, n, 1, LATENTS, dtype, device)[:, 0], z)

    def log_evidence(self, x: Tensor) -> Tensor:
        """log N(x; theta, 2 I) [B], float64."""
        x = x.double()
        return log_standard_normal((x - self.theta.to(x)) / math.sqrt(2)) - 0.5 * LATENTS * math.log(2)

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B], the same for every x."""
        eye = torch.eye(LATENTS, dtype=torch.float64)
        one = gaussian_moments(torch.zeros_like(eye[:1]), POSTERIOR_PRECISION * eye, eye / PROPOSAL_VARIANCE)
        return Moments(one.c2.to(x.device).expand(x.shape[0]), one.c3.to(x.device).expand(x.shape[0]))

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient [B, 20] of log_joint at z [B, 20] and the posterior precision 2 I, both exact."""
        precision = POSTERIOR_PRECISION * torch.eye(LATENTS, dtype=z.dtype, device=z.device)
        return self.theta.to(z) + x.to(z) - 2 * z, precision.expand(z.shape[0], -1, -1)
