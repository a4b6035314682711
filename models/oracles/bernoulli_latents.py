"""A model with a few binary latents, exact by enumeration of all their states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.models.base import Moments, Simulated
from evidence_bench.models.distributions.bernoulli import FactorisedBernoulli
from evidence_bench.models.distributions.diagonal_gaussian import log_standard_normal
from evidence_bench.models.errors import BadOption
from evidence_bench.models.oracles.enumeration import enumerated_moments
from evidence_bench.models.oracles.options import (
    MOST,
    MOST_TEMPER,
    device_of,
    require_counts,
    require_seed,
    require_within,
)
from evidence_bench.models.randomness import Generator, standard_normal

MOST_LATENTS = 12
LEAST_NOISE = 1e-6  # below it the squares of float32 residuals are rounding alone


@dataclass(frozen=True)
class BernoulliLatents:
    """z_l ~ Bernoulli(pi_l), x given z ~ N(2 tanh(W z + b), noise_sd^2 I): p(x) is a sum over 2^L states.

    W, b and the logits of pi are N(0, 1), drawn from ``seed``. The proposal is factorised: the logits of
    the exact posterior marginals times ``temper``. It misses the correlations of the posterior.
    """

    latents: int = 8  # L, binary
    observed: int = 8  # dimensions of x
    noise_sd: float = 1.0  # standard deviation of x given z
    temper: float = 0.8  # factor on the logits of the proposal
    seed: int = 0  # of W, b and the prior

    def __post_init__(self) -> None:
        name = "bernoulli-latents"
        require_counts(name, latents=self.latents, observed=self.observed)
        require_within(name, LEAST_NOISE, MOST, noise_sd=self.noise_sd)
        require_within(name, 0, MOST_TEMPER, temper=self.temper)
        if self.latents > MOST_LATENTS:
            raise BadOption(
                f"'{name}': {self.latents} latents are too many to enumerate; use at most {MOST_LATENTS}."
            )
        require_seed(name, self.seed)

    @cached_property
    def _parameters(self) -> tuple[Tensor, Tensor, Tensor]:
        """(W [observed, L], b [observed], prior logits [L]), float64."""
        generator = torch.Generator().manual_seed(self.seed)
        shapes = ((self.observed, self.latents), (self.observed,), (self.latents,))
        weight, bias, logits = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
        return weight, bias, logits

    @cached_property
    def states(self) -> Tensor:
        """All states [1, 2^L, L] of zeros and ones, float64."""
        bits = torch.arange(2**self.latents)[:, None] >> torch.arange(self.latents)
        return (bits & 1).double()[None]

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log P(z) + log N(x; 2 tanh(W z + b), noise_sd^2 I) [B, K]."""
        residual = (x.to(z)[:, None] - self._mean(z)) / self.noise_sd
        scales = self.observed * math.log(self.noise_sd)
        return self.prior(x.to(z)).log_prob(z) + log_standard_normal(residual) - scales

    def _mean(self, z: Tensor) -> Tensor:
        weight, bias, _ = (p.to(z) for p in self._parameters)
        return 2 * (z @ weight.mT + bias).tanh()

    def _table(self, x: Tensor) -> Tensor:
        """log p(x, z) [B, 2^L] over all states, float64."""
        return self.log_joint(x.double(), self.states.to(x.device))

    def proposal(self, x: Tensor) -> FactorisedBernoulli:
        """Independent bits, logits = temper x the logits of the exact marginals P(z_l = 1 | x)."""
        posterior, states = self._table(x).softmax(-1), self.states[0].to(x.device)
        tiny = torch.finfo(torch.float64).tiny
        on, off = ((posterior @ bits).clamp_min(tiny) for bits in (states, 1 - states))
        return FactorisedBernoulli((self.temper * (on.log() - off.log())).to(x))

    def prior(self, x: Tensor) -> FactorisedBernoulli:
        """Bernoulli(pi)."""
        return FactorisedBernoulli(self._parameters[2].to(x).expand(x.shape[0], -1))

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, observed] and z [n, L], float64."""
        device, dtype = device_of(generator), torch.float64
        prior = self.prior(torch.empty(n, 0, dtype=dtype, device=device))
        z, _ = prior.draw(prior.noise(1, generator))
        noise = standard_normal(generator, n, 1, self.observed, dtype, device)
        return Simulated((self._mean(z) + self.noise_sd * noise)[:, 0], z[:, 0])

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B] by summing over all states, float64."""
        return torch.logsumexp(self._table(x), dim=-1)

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B] by summing over all states."""
        log_q = self.proposal(x.double()).log_prob(self.states.to(x.device))
        return enumerated_moments(self._table(x), log_q)
