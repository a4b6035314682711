"""Estimators and models with one fault each, as a plug-in that registers them all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from evidence_bench.estimators.base import Bound, Expansion, LogWeights
from evidence_bench.estimators.reducers import Jackknife, LogMeanExp
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.models.base import Simulated
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.randomness import standard_normal


@dataclass(frozen=True)
class Overshoots(Jackknife):
    """A jackknife that says that it is a lower bound."""

    bound: ClassVar[Bound] = Bound.LOWER


@dataclass(frozen=True)
class WrongOrder(LogMeanExp):
    """IWAE that says that its bias is O(K^-3)."""

    bias_order: ClassVar[int] = 3  # type: ignore[assignment]
    expansion: ClassVar[Expansion] = Expansion.NONE


@dataclass(frozen=True)
class NeedsIid(Jackknife):
    """A jackknife that says that any weights will do."""

    needs_iid: ClassVar[bool] = False


@dataclass(frozen=True)
class WrongSeries(LogMeanExp):
    """IWAE that says that it follows the delta method's series."""

    bias_order: ClassVar[int] = 1  # type: ignore[assignment]
    expansion: ClassVar[Expansion] = Expansion.DELTA


@dataclass(frozen=True)
class Lopsided(LogMeanExp):
    """Prefers the first weight, and says that the order does not matter."""

    def __call__(self, log_w: Tensor) -> Tensor:
        """log of a mean that counts the first weight twice."""
        twice = torch.cat([log_w[..., :1], log_w], dim=-1)
        return LogMeanExp()(twice)


@dataclass(frozen=True)
class Scaled(LogMeanExp):
    """Does not move with the level of the weights."""

    def __call__(self, log_w: Tensor) -> Tensor:
        """0.999 of the estimate."""
        return 0.999 * LogMeanExp()(log_w)


@dataclass(frozen=True)
class NanOnZero(LogMeanExp):
    """NaN where all weights are zero."""

    def __call__(self, log_w: Tensor) -> Tensor:
        """Centred without a look at -inf."""
        level = log_w.double().amax(-1, keepdim=True)
        return ((log_w - level).exp().mean(-1)).log() + level[..., 0]


@dataclass(frozen=True)
class Single(LogMeanExp):
    """float32 out."""

    def __call__(self, log_w: Tensor) -> Tensor:
        """The estimate in too few digits."""
        return LogMeanExp()(log_w).float()


@dataclass(frozen=True)
class OtherSums(LogMeanExp):
    """What a study works out for all K at once is not what it gives for one."""

    def __call__(self, log_w: Tensor) -> Tensor:
        """IWAE."""
        return LogMeanExp()(log_w)

    def of_sums(self, sums: Any) -> Tensor:
        """IWAE and a tenth."""
        return LogMeanExp().of_sums(sums) + 0.1


@dataclass(frozen=True)
class Twice(FromProposal):
    """Every weight is there twice."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> LogWeights:
        """k weights from k/2 draws."""
        log_w = FromProposal()(model, x, (k + 1) // 2, generator).log_w
        return LogWeights(log_w.repeat_interleave(2, 1)[:, :k])


@dataclass(frozen=True)
class Dear(FromProposal):
    """Spends 2 K."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> LogWeights:
        """The first of two draws is thrown away."""
        FromProposal()(model, x, k, generator)
        return FromProposal()(model, x, k, generator)


@dataclass(frozen=True)
class PastTheDoor(FromProposal):
    """Asks the model behind the one that counts."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> LogWeights:
        """Not counted where it is counted."""
        return FromProposal()(getattr(model, "model", model), x, k, generator)


@dataclass(frozen=True)
class Inexact(FromProposal):
    """Weights that vary though the proposal is the posterior, and average to p(x) all the same."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> LogWeights:
        """Each weight times one of mean one."""
        log_w = FromProposal()(model, x, k, generator).log_w
        noise = standard_normal(generator, len(x), k, 1, torch.float64, x.device)[..., 0]
        return LogWeights(log_w + 0.1 * noise - 0.005)


@dataclass(frozen=True)
class Biased(FromProposal):
    """Weights 10% too large."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> LogWeights:
        """log w + .1."""
        return LogWeights(FromProposal()(model, x, k, generator).log_w + 0.1)


@dataclass(frozen=True)
class Gaussian:
    """z ~ N(0, 1), x given z ~ N(z, 1): the right model, without a fault."""

    def simulate(self, n: int, generator: Any) -> Simulated:
        """Row by row."""
        noise = standard_normal(generator, n, 1, 2, torch.float64, torch.device("cpu"))[:, 0]
        return Simulated(noise.sum(-1, keepdim=True), noise[:, :1])

    def prior(self, x: Tensor) -> Any:
        """N(0, 1)."""
        return DiagonalGaussian(0 * x, 0 * x)

    def proposal(self, x: Tensor) -> Any:
        """N(x/2 + .3, 1)."""
        return DiagonalGaussian(x / 2 + 0.3, 0 * x)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z)."""
        return self.prior(x).log_prob(z) + DiagonalGaussian(x, 0 * x).log_prob(z)


@dataclass(frozen=True)
class Known(Gaussian):
    """With log p(x)."""

    def log_evidence(self, x: Tensor) -> Tensor:
        """log N(x; 0, 2)."""
        return DiagonalGaussian(0 * x, 0 * x + math.log(2) / 2).log_prob(x[:, None])[:, 0]


@dataclass(frozen=True)
class LacksConstant(Gaussian):
    """log_joint without its log(2 pi)/2, and no log p(x) that would show it."""

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """Too high by .92 nats."""
        return super().log_joint(x, z) + 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class WrongEvidence(Known):
    """log p(x) off by .1 nats."""

    def log_evidence(self, x: Tensor) -> Tensor:
        """Too high."""
        return super().log_evidence(x) + 0.1


class WrongFactor(DiagonalGaussian):
    """A proposal whose density is wrong by a factor of 1.5, wherever it is asked for."""

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """log q + .4."""
        z, log_q = super().draw(e)
        return z, log_q + 0.4

    def log_prob(self, z: Tensor) -> Tensor:
        """The same."""
        return super().log_prob(z) + 0.4


@dataclass(frozen=True)
class WrongDensity(Gaussian):
    """Its proposal is wrong by a factor."""

    def proposal(self, x: Tensor) -> Any:
        """N(x/2 + .3, 1), wrongly normalised."""
        return WrongFactor(x / 2 + 0.3, 0 * x)


@dataclass(frozen=True)
class WrongGradient(Gaussian):
    """Its curvature is that of another model."""

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """The likelihood's gradient without the prior's."""
        return x - z, 2 * torch.ones(len(z), 1, 1, dtype=z.dtype)


REDUCERS = (Overshoots, WrongOrder, NeedsIid, WrongSeries, Lopsided, Scaled, NanOnZero, Single, OtherSums)
SAMPLERS = (Twice, Dear, PastTheDoor, Inexact, Biased)
MODELS = (Known, LacksConstant, WrongEvidence, WrongDensity, WrongGradient)
