"""Models that are nothing but a law of the weight w: x is [n, 0], and every data point is the same one.

``log_joint`` = log w(z) + log q(z), so log_w has the stated law for every draw from the proposal. The
prior is the exact posterior, and the likelihood is the constant p(x).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.base import Moments, Proposal, Simulated
from models.distributions.categorical import Categorical
from models.distributions.diagonal_gaussian import DiagonalGaussian
from models.distributions.gamma import Gamma
from models.errors import BadOption
from models.oracles.options import device_of, require_positive
from models.randomness import Generator

HIGHEST_S2 = 100.0


@dataclass(frozen=True)
class WeightLaw:
    """Data without content and an evidence that is one number; a law adds its proposal and moments."""

    @property
    def evidence(self) -> float:
        """log p(x) in nats."""
        raise NotImplementedError

    @property
    def moments(self) -> tuple[float, float]:
        """c2 and c3 of the weights."""
        raise NotImplementedError

    def proposal(self, x: Tensor) -> Proposal:
        """The q under which w has its law."""
        raise NotImplementedError

    def prior(self, x: Tensor) -> Proposal:
        """The exact posterior, p(z) = p(z|x)."""
        raise NotImplementedError

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B], the same for every row."""
        return torch.full((x.shape[0],), self.evidence, dtype=torch.float64, device=x.device)

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B], the same for every row."""
        c2, c3 = self.moments
        ones = torch.ones(x.shape[0], dtype=torch.float64, device=x.device)
        return Moments(c2 * ones, c3 * ones)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, 0] and z [n, 1] from the posterior, float64."""
        x = torch.empty(n, 0, dtype=torch.float64, device=device_of(generator))
        prior = self.prior(x)
        z, _ = prior.draw(prior.noise(1, generator))
        return Simulated(x, z[:, 0])


@dataclass(frozen=True)
class GammaLaw(WeightLaw):
    """w ~ Gamma(a, 1): log p(x) = log a, c2 = 1/a, c3 = 2/a^2. z = w; the posterior is Gamma(a + 1, 1)."""

    a: float = 1.0

    def __post_init__(self) -> None:
        require_positive("gamma", a=self.a)

    @property
    def evidence(self) -> float:
        return math.log(self.a)

    @property
    def moments(self) -> tuple[float, float]:
        return 1 / self.a, 2 / self.a**2

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log z + log Gamma(z; a, 1) [B, K]."""
        return z.squeeze(-1).log() + Gamma(self.a, x.shape[0], z.dtype, z.device).log_prob(z)

    def proposal(self, x: Tensor) -> Gamma:
        """Gamma(a, 1)."""
        return Gamma(self.a, x.shape[0], x.dtype, x.device)

    def prior(self, x: Tensor) -> Gamma:
        """Gamma(a + 1, 1)."""
        return Gamma(self.a + 1, x.shape[0], x.dtype, x.device)


@dataclass(frozen=True)
class LognormalLaw(WeightLaw):
    """log w ~ N(-s2/2, s2): log p(x) = 0, c2 = e^s2 - 1, c3 = c2^2 (e^s2 + 2).

    q = N(0, 1) with z = e, and p(x, z) = N(z; s, 1), the posterior.
    """

    s2: float = 1.0

    def __post_init__(self) -> None:
        require_positive("lognormal", s2=self.s2)
        if self.s2 > HIGHEST_S2:
            raise BadOption(f"'lognormal': option 's2' must be at most {HIGHEST_S2:g}, not {self.s2}.")

    @property
    def evidence(self) -> float:
        return 0.0

    @property
    def moments(self) -> tuple[float, float]:
        c2 = math.expm1(self.s2)
        return c2, c2**2 * (c2 + 3)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log N(z; s, 1) [B, K]."""
        return self._gaussian(x.to(z), math.sqrt(self.s2)).log_prob(z)

    def proposal(self, x: Tensor) -> DiagonalGaussian:
        """N(0, 1)."""
        return self._gaussian(x, 0.0)

    def prior(self, x: Tensor) -> DiagonalGaussian:
        """N(s, 1)."""
        return self._gaussian(x, math.sqrt(self.s2))

    @staticmethod
    def _gaussian(x: Tensor, mean: float) -> DiagonalGaussian:
        means = x.new_full((x.shape[0], 1), mean)
        return DiagonalGaussian(means, torch.zeros_like(means))


@dataclass(frozen=True)
class TwoPointLaw(WeightLaw):
    """w = ratio with probability ``p``, else 1: log p(x) = log(1 - p + p ratio); z is 1 or 0.

    Every expectation under K draws is a finite binomial sum.
    """

    p: float = 0.25
    ratio: float = 8.0

    def __post_init__(self) -> None:
        require_positive("two-point", p=self.p, ratio=self.ratio)
        if self.p >= 1:
            raise BadOption(f"'two-point': option 'p' must lie between 0 and 1, not {self.p}.")

    @property
    def evidence(self) -> float:
        return math.log1p(self.p * (self.ratio - 1))

    @property
    def moments(self) -> tuple[float, float]:
        spread = (self.ratio - 1) / math.exp(self.evidence)
        variance = self.p * (1 - self.p)
        return variance * spread**2, variance * (1 - 2 * self.p) * spread**3

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log w(z) + log q(z) [B, K] at z of 0 and 1."""
        return z.squeeze(-1) * math.log(self.ratio) + self._coin(x.to(z), self.p).log_prob(z)

    def proposal(self, x: Tensor) -> Categorical:
        """P(z = 1) = p."""
        return self._coin(x, self.p)

    def prior(self, x: Tensor) -> Categorical:
        """P(z = 1) = p ratio / (1 - p + p ratio)."""
        return self._coin(x, self.p * self.ratio / math.exp(self.evidence))

    @staticmethod
    def _coin(x: Tensor, p: float) -> Categorical:
        return Categorical(x.new_tensor([math.log1p(-p), math.log(p)]).expand(x.shape[0], 2))
