"""The linear Gaussian model, with a proposal that is made wrong on purpose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.models.base import Moments, Simulated
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian, log_standard_normal
from evidence_bench.models.distributions.full_gaussian import FullGaussian
from evidence_bench.models.errors import BadOption
from evidence_bench.models.oracles.gaussian_moments import gaussian_moments
from evidence_bench.models.oracles.options import (
    device_of,
    require_counts,
    require_finite,
    require_positive,
    require_seed,
)
from evidence_bench.models.randomness import Generator, standard_normal

MOST_PRECISE = 1e6


@dataclass(frozen=True)
class LinearGaussian:
    """z ~ N(0, I), x given z ~ N(W z + b, s^2 I): p(x) = N(x; b, W W^T + s^2 I).

    W [observed, latents] has entries N(0, weight_sd^2) and b entries N(0, 1), drawn from ``seed``.
    The proposal is Gaussian, its mean off by ``shift`` marginal posterior sds in every coordinate, its
    spread ``scale`` times the posterior's: the marginal sds alone where ``diagonal``, else all of it.
    """

    latents: int = 5  # L, dimensions of z
    observed: int = 10  # dimensions of x
    weight_sd: float = 0.5  # standard deviation of the entries of W
    noise_sd: float = 1.0  # standard deviation s of x given z
    seed: int = 0  # of W and b
    shift: float = 0.2  # of the proposal, in posterior standard deviations
    scale: float = 1.25  # of the proposal over the posterior
    diagonal: bool = True  # a proposal without correlations

    def __post_init__(self) -> None:
        name = "linear-gaussian"
        require_counts(name, latents=self.latents, observed=self.observed)
        require_positive(name, noise_sd=self.noise_sd, weight_sd=self.weight_sd, scale=self.scale)
        require_finite(name, shift=self.shift)
        require_seed(name, self.seed)
        if self.weight_sd / self.noise_sd > MOST_PRECISE:
            raise BadOption(
                f"'{name}': option 'weight_sd' must be at most {MOST_PRECISE:g} times 'noise_sd', not "
                f"{self.weight_sd / self.noise_sd:.3g} times, where the law of x is singular to rounding."
            )

    @cached_property
    def _parameters(self) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(self.seed)
        shape = (self.observed, self.latents)
        weight = torch.randn(shape, generator=generator, dtype=torch.float64) * self.weight_sd
        return weight, torch.randn(self.observed, generator=generator, dtype=torch.float64)

    @cached_property
    def precision(self) -> Tensor:
        """I + W^T W / s^2 [L, L], of the posterior; float64."""
        weight, _ = self._parameters
        eye = torch.eye(self.latents, dtype=torch.float64)
        return eye + weight.mT @ weight / self.noise_sd**2

    @cached_property
    def _covariance(self) -> Tensor:
        covariance: Tensor = torch.linalg.inv(self.precision)
        return covariance

    @cached_property
    def _offset(self) -> Tensor:
        """What the proposal's mean is off by, [L]."""
        return self.shift * self._covariance.diagonal().sqrt()

    @cached_property
    def _spread(self) -> Tensor:
        """The Cholesky factor of the proposal's covariance, [L, L]."""
        if self.diagonal:
            return self.scale * self._covariance.diagonal().sqrt().diag()
        factor: Tensor = torch.linalg.cholesky(self._covariance)
        return self.scale * factor

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log N(z; 0, I) + log N(x; W z + b, s^2 I) [B, K]."""
        weight, bias = (p.to(z) for p in self._parameters)
        residual = ((x.to(z) - bias)[:, None] - z @ weight.mT) / self.noise_sd
        scales = self.observed * math.log(self.noise_sd)
        return log_standard_normal(z) + log_standard_normal(residual) - scales

    def posterior_mean(self, x: Tensor) -> Tensor:
        """E[z|x] [B, L], in x's dtype."""
        weight, bias = (p.to(x.device) for p in self._parameters)
        pulled = (x.double() - bias) @ weight / self.noise_sd**2
        return (pulled @ self._covariance.to(x.device)).to(x)

    def proposal(self, x: Tensor) -> DiagonalGaussian | FullGaussian:
        """The posterior, off by ``shift`` and ``scale``."""
        mean = self.posterior_mean(x) + self._offset.to(x)
        if self.diagonal:
            return DiagonalGaussian(mean, self._spread.diagonal().log().to(x).expand_as(mean))
        return FullGaussian(mean, self._spread.to(x)[None])

    def prior(self, x: Tensor) -> DiagonalGaussian:
        """N(0, I)."""
        zeros = x.new_zeros(x.shape[0], self.latents)
        return DiagonalGaussian(zeros, zeros)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, observed] and z [n, latents], float64."""
        device, dtype = device_of(generator), torch.float64
        weight, bias = (p.to(device) for p in self._parameters)
        z = standard_normal(generator, n, 1, self.latents, dtype, device)[:, 0]
        noise = standard_normal(generator, n, 1, self.observed, dtype, device)[:, 0]
        return Simulated(z @ weight.mT + bias + self.noise_sd * noise, z)

    def log_evidence(self, x: Tensor) -> Tensor:
        """log N(x; b, W W^T + s^2 I) [B], float64."""
        weight, bias = self._parameters
        eye = torch.eye(self.observed, dtype=torch.float64)
        chol = torch.linalg.cholesky(weight @ weight.mT + self.noise_sd**2 * eye)
        marginal = FullGaussian(bias[None].to(x.device), chol[None].to(x.device))
        return marginal.log_prob(x.double()[None])[0]

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B] in closed form, the same for every x; inf where they do not exist."""
        proposal = torch.cholesky_inverse(self._spread)
        one = gaussian_moments(self._offset[None], self.precision, proposal)
        rows = x.shape[0]
        return Moments(one.c2.to(x.device).expand(rows), one.c3.to(x.device).expand(rows))

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient [B, L] of log_joint at z [B, L] and the posterior precision [B, L, L], both exact."""
        weight, bias = (p.to(z) for p in self._parameters)
        gradient = (x.to(z) - bias - z @ weight.mT) @ weight / self.noise_sd**2 - z
        return gradient, self.precision.to(z).expand(z.shape[0], -1, -1)
