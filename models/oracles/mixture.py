"""A finite Gaussian mixture whose latent is the component."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.models.base import Moments, Simulated
from evidence_bench.models.distributions.categorical import Categorical
from evidence_bench.models.distributions.diagonal_gaussian import log_standard_normal
from evidence_bench.models.oracles.enumeration import enumerated_moments
from evidence_bench.models.oracles.options import (
    MOST_TEMPER,
    device_of,
    require_counts,
    require_seed,
    require_within,
)
from evidence_bench.models.randomness import Generator, standard_normal

MOST_SPREAD = 1e6  # beyond it float32 has no digits left for the noise of x


@dataclass(frozen=True)
class FiniteMixture:
    """P(z = c) = pi_c, x given z = c ~ N(m_c, I): log p(x) = log sum_c pi_c N(x; m_c, I).

    Means are N(0, spread^2) and log pi is N(0, 1) before it is normalised, both drawn from ``seed``. The
    proposal is the posterior to the power ``temper``, normalised: below 1 too flat, above 1 too sure.
    """

    components: int = 8  # of the mixture
    observed: int = 2  # dimensions of x
    spread: float = 2.0  # standard deviation of their means
    temper: float = 0.5  # power of the posterior that the proposal is
    seed: int = 0  # of means and weights

    def __post_init__(self) -> None:
        require_counts("mixture", components=self.components, observed=self.observed)
        require_within("mixture", 0, MOST_SPREAD, spread=self.spread)
        require_within("mixture", 0, MOST_TEMPER, temper=self.temper)
        require_seed("mixture", self.seed)

    @cached_property
    def _parameters(self) -> tuple[Tensor, Tensor]:
        """(means [C, observed], log pi [C]), float64."""
        generator = torch.Generator().manual_seed(self.seed)
        shape = (self.components, self.observed)
        means = self.spread * torch.randn(shape, generator=generator, dtype=torch.float64)
        return means, torch.randn(self.components, generator=generator, dtype=torch.float64).log_softmax(0)

    def _table(self, x: Tensor) -> Tensor:
        """log p(x, z = c) [B, C]."""
        means, log_pi = (p.to(x) for p in self._parameters)
        return log_pi + log_standard_normal(x[:, None] - means)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log pi_z + log N(x; m_z, I) [B, K]; z [B, K, 1] is the index."""
        means, log_pi = (p.to(z) for p in self._parameters)
        index = z.squeeze(-1).long()
        return log_pi[index] + log_standard_normal(x.to(z)[:, None] - means[index])

    def proposal(self, x: Tensor) -> Categorical:
        """q(z|x) proportional to p(z|x)^temper."""
        return Categorical((self.temper * self._table(x)).log_softmax(-1))

    def prior(self, x: Tensor) -> Categorical:
        """pi."""
        return Categorical(self._parameters[1].to(x).expand(x.shape[0], -1))

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, observed] and z [n, 1], float64."""
        device, dtype = device_of(generator), torch.float64
        prior = self.prior(torch.empty(n, 0, dtype=dtype, device=device))
        z, _ = prior.draw(prior.noise(1, generator))
        means = self._parameters[0].to(device)[z[:, 0, 0].long()]
        noise = standard_normal(generator, n, 1, self.observed, dtype, device)
        return Simulated(means + noise[:, 0], z[:, 0])

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B] by summing over the components, float64."""
        return torch.logsumexp(self._table(x.double()), dim=-1)

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B] by summing over the components."""
        x = x.double()
        return enumerated_moments(self._table(x), self.proposal(x).log_probability)
