"""Models that are nothing but a law of the weight w: x is [n, 0], and every data point is the same one.

``log_joint`` = log w(z) + log q(z), so log_w has the stated law for every draw from the proposal. The
prior is the exact posterior, and the likelihood is the constant p(x).
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.base import Moments, Proposal, Simulated
from evidence_bench.models.distributions.categorical import Categorical
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.distributions.log_gamma import LogGamma
from evidence_bench.models.errors import BadOption
from evidence_bench.models.oracles.options import device_of, require_positive, require_within
from evidence_bench.models.randomness import Generator

LEAST_A, HIGHEST_A = 1e-30, 1e8  # beyond, log w overflows float32 or moves by less than it resolves
HIGHEST_S2 = 100.0
HIGHEST_RATIO = 1e300


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
    """w ~ Gamma(a, 1): log p(x) = log a, c2 = 1/a, c3 = 2/a^2.

    z = log(w / a), which no small a makes underflow; the posterior of w is Gamma(a + 1, 1).
    """

    a: float = 1.0  # shape of Gamma(a, 1)

    def __post_init__(self) -> None:
        require_within("gamma", LEAST_A, HIGHEST_A, a=self.a)

    @property
    def evidence(self) -> float:
        return math.log(self.a)

    @property
    def moments(self) -> tuple[float, float]:
        return 1 / self.a, 2 / self.a**2

    weight_moments = WeightLaw.weight_moments  # of the proposal below

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log w + log q(z) [B, K]."""
        log_w = z.squeeze(-1) + self.evidence
        return log_w + LogGamma(self.a, self.a, x.shape[0], z.dtype, z.device).log_prob(z)

    def proposal(self, x: Tensor) -> LogGamma:
        """w ~ Gamma(a, 1)."""
        return LogGamma(self.a, self.a, x.shape[0], x.dtype, x.device)

    def prior(self, x: Tensor) -> LogGamma:
        """w ~ Gamma(a + 1, 1)."""
        return LogGamma(self.a + 1, self.a, x.shape[0], x.dtype, x.device)


@dataclass(frozen=True)
class LognormalLaw(WeightLaw):
    """log w ~ N(-s2/2, s2): log p(x) = 0, c2 = e^s2 - 1, c3 = c2^2 (e^s2 + 2).

    q = N(0, 1) with z = e, and p(x, z) = N(z; s, 1), the posterior.
    """

    s2: float = 1.0  # variance of log w

    def __post_init__(self) -> None:
        require_within("lognormal", 0, HIGHEST_S2, s2=self.s2)

    @property
    def evidence(self) -> float:
        return 0.0

    @property
    def moments(self) -> tuple[float, float]:
        c2 = math.expm1(self.s2)
        return c2, c2**2 * (c2 + 3)

    weight_moments = WeightLaw.weight_moments  # of the proposal below

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

    p: float = 0.25  # probability that the weight is ratio
    ratio: float = 8.0  # that weight; the other is 1

    def __post_init__(self) -> None:
        require_within("two-point", 0, HIGHEST_RATIO, ratio=self.ratio)
        require_positive("two-point", p=self.p)
        if self.p >= 1:
            raise BadOption(f"'two-point': option 'p' must lie between 0 and 1, not {self.p}.")

    @property
    def evidence(self) -> float:
        return math.log1p(self.p * (self.ratio - 1))

    @property
    def moments(self) -> tuple[float, float]:
        spread = (self.ratio - 1) / math.exp(self.evidence)
        variance = self.p * (1 - self.p)
        return _times(variance, spread, 2), _times(variance * (1 - 2 * self.p), spread, 3)

    weight_moments = WeightLaw.weight_moments  # of the proposal below

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log w(z) + log q(z) [B, K] at z of 0 and 1."""
        return z.squeeze(-1) * math.log(self.ratio) + self.proposal(x.to(z)).log_prob(z)

    def proposal(self, x: Tensor) -> Categorical:
        """P(z = 1) = p."""
        return _coin(x, math.log1p(-self.p), math.log(self.p))

    def prior(self, x: Tensor) -> Categorical:
        """P(z = 1) = p ratio / (1 - p + p ratio)."""
        return _coin(
            x, *(q - self.evidence for q in (math.log1p(-self.p), math.log(self.p) + math.log(self.ratio)))
        )


def _coin(x: Tensor, log_off: float, log_on: float) -> Categorical:
    """z = 1 with probability exp(log_on) and 0 with exp(log_off)."""
    return Categorical(x.new_tensor([log_off, log_on]).expand(x.shape[0], 2))


def _times(factor: float, base: float, power: int) -> float:
    """factor base^power, in logs where the power alone is too large a number; inf where the product is."""
    try:
        return factor * base**power
    except OverflowError:
        sign = math.copysign(1, factor) * math.copysign(1, base) ** power
        log_size = math.log(abs(factor)) + power * math.log(abs(base))
        return sign * (math.exp(log_size) if log_size < math.log(sys.float_info.max) else math.inf)
