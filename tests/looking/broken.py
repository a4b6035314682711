"""Models, samplers and reducers that are no functions of their arguments, each by what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from evidence_bench.estimators.base import LogWeights
from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian
from evidence_bench.models.randomness import standard_normal, standard_uniform


@dataclass(frozen=True)
class Right:
    """z ~ N(0, I_2), x given z ~ N(z, I): right, float64."""

    def data(self, n: int) -> Tensor:
        return torch.linspace(-1, 1, 2 * n, dtype=torch.float64).view(n, 2)

    def prior(self, x: Tensor) -> Any:
        return Gaussian(0 * x, 0 * x)

    def proposal(self, x: Tensor) -> Any:
        return Gaussian(x / 2 + 0.3, 0 * x)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        return self.prior(x).log_prob(z) + self.likelihood(x, z)

    def likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        return -0.5 * (x[:, None] - z).square().sum(-1) - math.log(2 * math.pi)


def with_likelihood(function: Callable[[Tensor, Tensor], Tensor]) -> Right:
    """The right model with another log p(x|z)."""

    class Other(Right):
        def likelihood(self, x: Tensor, z: Tensor) -> Tensor:
            return function(x, z)

    return Other()


def with_log_joint(function: Callable[[Tensor, Tensor], Tensor]) -> Right:
    """The right model with another log_joint."""

    class Other(Right):
        def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
            return function(x, z)

    return Other()


def with_proposal(function: Callable[[Tensor], Any]) -> Right:
    """The right model with another q(z|x)."""

    class Other(Right):
        def proposal(self, x: Tensor) -> Any:
            return function(x)

    return Other()


def squares(x: Tensor, z: Tensor) -> Tensor:
    """(x - z)^2 [B, K, 2]."""
    return (x[:, None] - z).square()


def changed(tensor: Tensor, value: Tensor) -> Tensor:
    """``value``, once the tensor was written into."""
    tensor += 1
    return value


class Off(Gaussian):
    """A Gaussian whose parts contradict each other."""

    wrong: ClassVar[str] = ""

    def draw(self, e: Tensor) -> Any:
        z, log_q = super().draw(e)
        drawn = {
            "density": (z, log_q + math.log(2)),
            "not summed": (z, log_q[..., None] + 0 * z),
            "not finite": (z, log_q / 0),
            "one tensor": z,
            "half": (z, log_q.half()),
            "across draws": (z - z.mean(1, keepdim=True), log_q),
        }
        if self.wrong == "into noise":
            e *= 2
        return drawn.get(self.wrong, (z, log_q))

    def noise(self, k: int, generator: Any) -> Tensor:
        rows, latents = self.mean.shape
        if self.wrong == "uniform":
            return standard_uniform(generator, rows, k, latents, self.mean.dtype, self.mean.device)
        if self.wrong == "torch's":
            return torch.randn(rows, k, latents, generator=generator, dtype=self.mean.dtype)
        noise = super().noise(k, generator)
        return noise[0] if self.wrong == "noise of one row" else noise

    def noise_of(self, z: Tensor) -> Tensor:
        return super().noise_of(z) * (2 if self.wrong == "inverse" else 1)

    def log_prob(self, z: Tensor) -> Tensor:
        e = (z - self.mean[:, None]) * (-self.log_sd).exp()[:, None]
        return -0.5 * (e.square().sum(-1) + 2 * math.log(2 * math.pi)) - self.log_sd.sum(-1)[:, None]


def off(wrong: str) -> Right:
    """The right model with a proposal that is wrong in one way."""
    kind = type("Off", (Off,), {"wrong": wrong})
    return with_proposal(lambda x: kind(x / 2, 0 * x))


class Net(nn.Module):
    """A network as tutorials have it."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        layers = {"batchnorm": nn.BatchNorm1d(16), "dropout": nn.Dropout(0.5), "plain": nn.Identity()}
        after = nn.Dropout(0.5) if kind == "dropout in the decoder" else nn.Identity()
        self.encoder = nn.Sequential(
            nn.Linear(6, 16), layers.get(kind, nn.Identity()), nn.ReLU(), nn.Linear(16, 4)
        )
        self.decoder = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), after, nn.Linear(16, 6))


@dataclass(frozen=True)
class Tutorial:
    """A VAE on six pixels, in training mode unless it is said otherwise."""

    kind: str = "plain"
    train: bool = True

    @cached_property
    def net(self) -> Net:
        with torch.random.fork_rng():
            torch.manual_seed(1)
            return Net(self.kind).train(self.train)

    def data(self, n: int) -> Tensor:
        return (torch.rand(n, 6, generator=torch.Generator().manual_seed(3)) < 0.4).float()

    def prior(self, x: Tensor) -> Gaussian:
        zeros = x.new_zeros(len(x), 2)
        return Gaussian(zeros, zeros)

    def proposal(self, x: Tensor) -> Gaussian:
        mean, log_var = self.net.encoder(x).chunk(2, -1)
        return Gaussian(mean, 0.5 * log_var)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        logits = self.net.decoder(z)
        pixels = x[:, None].expand_as(logits)
        return self.prior(x).log_prob(z) - binary_cross_entropy_with_logits(
            logits, pixels, reduction="none"
        ).sum(-1)


# By what is wrong: the model, and words that its sentence must hold.
MODELS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "dropout in the encoder": (Tutorial("dropout"), ("proposal(x)", "random", "Dropout", ".eval()")),
    "dropout in the decoder": (
        Tutorial("dropout in the decoder"),
        ("log_joint", "random", "net.decoder.2 (Dropout)", ".eval()"),
    ),
    "batchnorm": (Tutorial("batchnorm"), ("other data points", "net.encoder.1 (BatchNorm1d)", ".eval()")),
    "random": (
        with_likelihood(lambda x, z: -squares(x, z).sum(-1) + torch.randn(len(x), z.shape[1]).double()),
        ("log_joint", "is random", "x and z alone"),
    ),
    "sum over everything": (
        with_likelihood(lambda x, z: -squares(x, z).sum()),
        ("other data points of its batch", ".sum(-1), not .sum()"),
    ),
    "sum over draws": (
        with_likelihood(lambda x, z: -squares(x, z).sum((1, 2))[:, None].expand(-1, z.shape[1])),
        ("depends on the other draws", ".sum(-1)"),
    ),
    "normalised by the batch": (
        with_likelihood(lambda x, z: -squares(x - x.mean(0), z).sum(-1)),
        ("other data points of its batch",),
    ),
    "encoder across rows": (
        with_proposal(lambda x: Gaussian(x / x.norm(), 0 * x)),
        ("proposal(x)", "other data points of its batch", "first axis"),
    ),
    "x in place": (
        with_likelihood(lambda x, z: changed(x, -squares(x, z).sum(-1))),
        ("writes into x", "clone"),
    ),
    "z in place": (
        with_likelihood(lambda x, z: changed(z, -squares(x, z).sum(-1))),
        ("writes into z", "clone"),
    ),
    "x in place in the encoder": (
        with_proposal(lambda x: Gaussian(changed(x, x / 2), 0 * x)),
        ("proposal(x)", "writes into x"),
    ),
    "noise in place": (off("into noise"), ("draw(e) of the proposal", "writes into e")),
    "half precision": (with_log_joint(lambda x, z: -squares(x, z).sum(-1).half()), ("torch.float16",)),
    "whole numbers": (with_log_joint(lambda x, z: -squares(x, z).sum(-1).long()), ("torch.int64",)),
    "not a number": (
        with_likelihood(lambda x, z: (-squares(x, z)).sum(-1).sqrt()),
        ("log_joint is NaN or +inf at data points 0, 1, ",),
    ),
    "infinite density": (off("not finite"), ("log density is not finite at data points 0, 1, ",)),
    "density off": (off("density"), ("contradicts itself", "0.693 nats")),
    "density not summed": (off("not summed"), ("shape (3, 4, 2)", ".sum(-1)")),
    "one tensor": (off("one tensor"), ("draw(e) of the proposal", "it must return tensors")),
    "density in half precision": (off("half"), ("torch.float16",)),
    "draws across draws": (off("across draws"), ("another draw where it is alone",)),
    "uniform noise": (off("uniform"), ("bijective = True", "N(0, I)")),
    "noise of one row": (off("noise of one row"), ("noise(4, generator)", "[3, 4, D]")),
    "noise of torch's": (off("torch's"), ("noise(4, generator)", "TypeError", "standard_normal")),
    "no inverse": (off("inverse"), ("noise_of(z)", "not the inverse")),
}


@dataclass(frozen=True)
class FromMine(FromProposal):
    """A sampler that changes what the built-in one draws."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> Any:
        return LogWeights(self.changed(super().__call__(model, x, k, generator).log_w, x, generator))

    def changed(self, log_w: Tensor, x: Tensor, generator: Any) -> Tensor:
        return log_w


def sampler(function: Callable[[Tensor, Tensor, Any], Tensor]) -> Any:
    """One whose weights are ``function(log_w, x, generator)``."""

    class Mine(FromMine):
        def changed(self, log_w: Tensor, x: Tensor, generator: Any) -> Tensor:
            return function(log_w, x, generator)

    return Mine()


class OwnGenerator(FromMine):
    """Hands the generator to torch."""

    def changed(self, log_w: Tensor, x: Tensor, generator: Any) -> Tensor:
        return log_w + 0 * torch.rand(log_w.shape, generator=generator).double()


class Antithetic(FromProposal):
    """Pairs of draws that mirror each other, declared iid."""

    def __call__(self, model: Any, x: Tensor, k: int, generator: Any) -> LogWeights:
        proposal = model.proposal(x)
        half = proposal.noise(k - k // 2, generator)
        z, log_q = proposal.draw(torch.cat([half, -half], 1)[:, :k])
        return LogWeights(model.log_joint(x, z) - log_q)


SAMPLERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a tensor": (
        type("Raw", (FromProposal,), {"__call__": lambda *a: FromProposal.__call__(*a).log_w})(),
        ("LogWeights",),
    ),
    "numpy": (sampler(lambda w, x, g: w.numpy()), ("LogWeights of a value of type ndarray",)),
    "half of the weights": (sampler(lambda w, x, g: w[:, ::2]), ("shape (2, 2), not (2, 4)",)),
    "half precision": (sampler(lambda w, x, g: w.half()), ("torch.float16",)),
    "not a number": (sampler(lambda w, x, g: w * torch.nan), ("NaN or +inf", "log_joint and the proposal")),
    "global generator": (sampler(lambda w, x, g: w + torch.randn_like(w)), ("random beyond the generator",)),
    "x in place": (sampler(lambda w, x, g: changed(x, w)), ("writes into x",)),
    "across rows": (sampler(lambda w, x, g: w - w.mean()), ("where it is alone",)),
    "across draws": (sampler(lambda w, x, g: w - w.mean(1, keepdim=True)), ("iid = True", "iid = False")),
    "antithetic": (Antithetic(), ("iid = True", "iid = False")),
    "torch's generator alone": (OwnGenerator(), ("takes a torch.Generator alone", "standard_normal")),
}
RIGHT_SAMPLERS = {
    "unchanged": sampler(lambda w, x, g: w),
    "more noise": sampler(
        lambda w, x, g: w + 0.1 * standard_normal(g, *w.shape, 1, w.dtype, w.device)[..., 0]
    ),
    "zeros": sampler(lambda w, x, g: torch.where(w < w.new_tensor(-3.0), -torch.inf, w)),
}


def reducer(function: Callable[[Tensor], Any], symmetric: bool = False) -> Any:
    """One whose value is ``function(log_w)``."""
    kind = type("Mine", (LogMeanExp,), {"__call__": lambda self, w: function(w), "symmetric": symmetric})
    return kind()


def in_place(log_w: Tensor) -> Tensor:
    log_w -= log_w.amax(-1, keepdim=True)
    return log_w.mean(-1)


REDUCERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "random": (reducer(lambda w: w.mean(-1) + torch.rand(w.shape[:-1])), ("is random",)),
    "in place": (reducer(in_place), ("writes into its weights", "clone")),
    "shape": (reducer(lambda w: w), ("shape (2, 3, 8)", "to [...]")),
    "a float": (reducer(lambda w: 0.5), ("a float",)),
    "whole numbers": (reducer(lambda w: w.mean(-1).long()), ("torch.int64",)),
    "across rows": (reducer(lambda w: w.mean(-1) - w.mean()), ("where it is alone", "dim=-1")),
    "order": (reducer(lambda w: w[..., 0], symmetric=True), ("symmetric = True", "order")),
}
