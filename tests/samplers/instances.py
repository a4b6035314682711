"""The samplers and oracles that the laws run over, and what is known of each pair."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.cases import CORRELATED as CORRELATED_CASE
from evidence_bench.benchmarks.laws.cases import Truncated
from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.estimators.samplers.prior import FromPrior
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.estimators.samplers.student_t import StudentT
from evidence_bench.models.oracles.bernoulli_latents import BernoulliLatents
from evidence_bench.models.oracles.gaussian_20d import Gaussian20D
from evidence_bench.models.oracles.gaussian_moments import gaussian_moments
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.mixture import FiniteMixture
from evidence_bench.models.oracles.weight_laws import GammaLaw, LognormalLaw, TwoPointLaw, WeightLaw
from evidence_bench.models.randomness import keyed_generator

SAMPLERS: tuple[Any, ...] = (
    FromProposal(),
    FromPrior(),
    StudentT(),
    StudentT(nu=10.0, inflation=1.44),
    Adaptive(),
    Adaptive(start="encoder"),
)
IID = tuple(s for s in SAMPLERS if s.iid)
IN_NOISE_SPACE = tuple(s for s in SAMPLERS if isinstance(s, StudentT | Adaptive))

SMALL = LinearGaussian(latents=2, observed=3)
TOO_NARROW = LinearGaussian(latents=2, observed=3, scale=0.6)
CORRELATED = CORRELATED_CASE.model
ORACLES: tuple[Any, ...] = (
    LognormalLaw(s2=0.25),
    LognormalLaw(s2=1.0),
    GammaLaw(a=1.0),
    TwoPointLaw(),
    SMALL,
    TOO_NARROW,
    CORRELATED,
    Gaussian20D(),
    FiniteMixture(),
    BernoulliLatents(),
)


@dataclass(frozen=True)
class NonlinearLaw:
    """z ~ N(0, I), x given z ~ N(z, I) coordinate by coordinate, with a proposal that is no Gaussian."""

    latents: int = 3

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log N(z; 0, I) + log N(x; z, I) [B, K]."""
        squares = z.square() + (x.to(z)[:, None] - z).square()
        return -0.5 * squares.sum(-1) - self.latents * math.log(2 * math.pi)

    def proposal(self, x: Tensor) -> SinhProposal:
        """z = x/2 + 0.3 + sinh(0.8 e)."""
        return SinhProposal(x / 2 + 0.3)

    def log_evidence(self, x: Tensor) -> Tensor:
        """log N(x; 0, 2 I) [B]."""
        return -0.25 * x.square().sum(-1) - 0.5 * self.latents * math.log(4 * math.pi)

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Exact: the posterior is N(x/2, I/2)."""
        eye = torch.eye(self.latents, dtype=z.dtype).expand(len(z), -1, -1)
        return x.to(z) - 2 * z, 2 * eye


@dataclass(frozen=True, eq=False)
class SinhProposal:
    """z = centre + sinh(0.8 e), a bijection with heavier tails than a Gaussian."""

    centre: Tensor
    bijective = True

    def noise(self, k: int, generator: Any) -> Tensor:
        from evidence_bench.models.randomness import standard_normal

        rows, latents = self.centre.shape
        return standard_normal(generator, rows, k, latents, self.centre.dtype, self.centre.device)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        log_slope = (0.8 * torch.cosh(0.8 * e)).log().sum(-1)
        log_normal = -0.5 * (e.square().sum(-1) + e.shape[-1] * math.log(2 * math.pi))
        return self.centre[:, None] + torch.sinh(0.8 * e), log_normal - log_slope


def c2_of(sampler: Any, model: Any, x: Tensor) -> Tensor:
    """c2 [B] of a pair: exact where a formula is known, else estimated from draws of their own."""
    if isinstance(sampler, FromProposal) and not isinstance(model, Truncated):
        return model.weight_moments(x).c2
    if isinstance(sampler, FromPrior) and isinstance(model, LinearGaussian):
        eye = torch.eye(model.latents, dtype=torch.float64)
        return gaussian_moments(-model.posterior_mean(x), model.precision, eye).c2
    if isinstance(sampler, FromPrior) and isinstance(model, Gaussian20D):
        eye = torch.eye(x.shape[1], dtype=torch.float64)
        return gaussian_moments((model.theta - x) / 2, 2 * eye, eye).c2
    if isinstance(sampler, FromPrior) and isinstance(model, WeightLaw) and not isinstance(model, Truncated):
        return torch.zeros(len(x))
    pilot = sampler(model, x, 64, keyed_generator(("pilot", repr(sampler), repr(model)))).log_w
    return log_mean(2 * pilot).sub(2 * model.log_evidence(x)).expm1()


def data(model: Any, n: int, seed: int = 0) -> Tensor:
    """n data points."""
    return model.simulate(n, keyed_generator((seed, "data", repr(model)))).x


def log_mean(log_w: Tensor) -> Tensor:
    """log of the mean weight [B]."""
    return torch.logsumexp(log_w, dim=-1) - math.log(log_w.shape[-1])
