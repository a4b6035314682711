"""The models and proposals that the laws run over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from evidence_bench.models.base import Model, Moments, Proposal
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.distributions.ancestral_gaussian import AncestralGaussian
from evidence_bench.models.distributions.bernoulli import FactorisedBernoulli
from evidence_bench.models.distributions.categorical import Categorical
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.distributions.full_gaussian import FullGaussian
from evidence_bench.models.distributions.johnson_su import JohnsonSU
from evidence_bench.models.distributions.log_gamma import LogGamma
from evidence_bench.models.distributions.mixture import Mixture
from evidence_bench.models.distributions.student_t import StudentT
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.oracles.enumeration import enumerated_moments
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.vaes import architecture
from evidence_bench.models.vaes.network_model import NetworkModel
from evidence_bench.models.vaes.vae import VAE


@dataclass(frozen=True)
class SmallVAE(NetworkModel):
    """A VAE with random weights of the given architecture."""

    architecture: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.offer_curvature()

    def original(self) -> VAE:
        """Glorot weights, N(0, 0.3^2) biases."""
        vae = architecture.build(self.architecture)
        generator = keyed_generator(("small VAE", str(self.architecture)))
        initialise(vae, generator)
        for parameter in vae.parameters():
            if parameter.ndim == 1:
                parameter.data.normal_(std=0.3, generator=generator)
        return vae


class BitsVAE(SmallVAE):
    """One whose latents are bits, so few that all their states are summed over."""

    def states(self, like: Tensor) -> Tensor:
        """[1, 2^L, L]."""
        width = self.architecture["latents"][0]
        return torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * width).to(like)[None]

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B], float64."""
        return self.log_joint(x.double(), self.states(x.double())).logsumexp(-1)

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B]."""
        x = x.double()
        log_q = self.proposal(x).log_prob(self.states(x))
        return enumerated_moments(self.log_joint(x, self.states(x)), log_q)


GREY = {"pixels": 6, "hidden": [[5]], "latents": [2], "observation": "gaussian"}
LINEAR = {**GREY, "hidden": [[]]}
TWO_GREY = {"pixels": 6, "hidden": [[5], [4]], "latents": [3, 2], "observation": "gaussian"}
JOHNSON_GREY = {"pixels": 6, "hidden": [5], "latents": 2, "least_tail": 0.9, "observation": "gaussian"}
BITS = {"pixels": 6, "hidden": [[5]], "latents": [4], "latent": "bernoulli"}
GREY_BITS = {**BITS, "pixels": 2, "observation": "gaussian"}
SMALL: dict[str, Model] = {
    "grey pixels": SmallVAE(GREY),
    "grey pixels, linear": SmallVAE(LINEAR),
    "grey pixels, two layers": SmallVAE(TWO_GREY),
    "grey pixels, Johnson": SmallVAE(JOHNSON_GREY),
    "latent bits": BitsVAE(BITS),
    "latent bits, grey pixels": BitsVAE(GREY_BITS),
}

NAMES = [
    "lognormal",
    "lognormal[s2=0.25]",
    "gamma",
    "gamma[a=3]",
    "two-point",
    "linear-gaussian",
    "linear-gaussian[diagonal=false]",
    "linear-gaussian[latents=1,observed=3]",
    "linear-gaussian[latents=2,observed=3,noise_sd=0.5]",
    "gaussian-20d",
    "mixture",
    "mixture[components=3,observed=1]",
    "bernoulli-latents",
    "bernoulli-latents[latents=3,observed=2]",
    "digits-vae",
    "untrained-vae",
    "untrained-vae[layers=2]",
    *SMALL,
]
# Of the small ones, that whose minus Hessian is the Gauss-Newton matrix; others are in test_observations.py.
CURVED = [n for n in NAMES if n.startswith(("linear", "gaussian", "digits")) or n == "untrained-vae"]
CURVED.append("grey pixels, linear")
EXACT = [n for n in NAMES if not n.startswith(("untrained", "grey"))]

every_model = pytest.mark.parametrize("name", NAMES)
every_exact_model = pytest.mark.parametrize("name", EXACT)
every_curved_model = pytest.mark.parametrize("name", CURVED)


def model_and_points(name: str, n: int) -> tuple[Model, Tensor]:
    """The model and n data points in float64: test digits, or simulated ones."""
    model = SMALL[name] if name in SMALL else build_model(name)[1]
    if hasattr(model, "data"):
        return model, model.data(n).double()
    return model, model.simulate(n, keyed_generator((name, "points"))).x.double()


def drawn(name: str, n: int, k: int) -> tuple[Model, Tensor, Tensor, Tensor]:
    """(model, x, z, log_q) by k draws from the proposal of each of n points."""
    model, x = model_and_points(name, n)
    proposal = model.proposal(x)
    z, log_q = proposal.draw(proposal.noise(k, keyed_generator((name, "draws"))))
    return model, x, z, log_q


def _normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=keyed_generator(("parameters", *shape)), dtype=torch.float64)


def _factor(rows: int, latents: int) -> Tensor:
    lower = 0.3 * _normal(rows, latents, latents).tril(-1)
    return lower + torch.diag_embed((0.3 * _normal(rows, latents)).exp())


def _next_layer(z: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and log sd of two more latents, given the three before."""
    return torch.tanh(z[..., :2]), 0.5 * z[..., 1:].sin() - 0.3


PROPOSALS: dict[str, Proposal] = {
    "diagonal gaussian": DiagonalGaussian(_normal(2, 3), 0.5 * _normal(2, 3) - 1),
    "full gaussian": FullGaussian(_normal(2, 3), _factor(2, 3)),
    "full gaussian, one factor": FullGaussian(_normal(2, 3), _factor(1, 3)),
    "johnson": JohnsonSU(_normal(2, 3), _factor(2, 3), _normal(2, 3).abs() + 0.2),
    "two layers": AncestralGaussian(_normal(2, 3), 0.5 * _normal(2, 3) - 1, (_next_layer,), (2,)),
    "two layers, top first": AncestralGaussian(
        _normal(2, 3), 0.5 * _normal(2, 3), (_next_layer,), (2,), top_first=True
    ),
    "student-t": StudentT(_normal(2, 3), _factor(2, 3), nu=5),
    "log gamma": LogGamma(0.7, 1.3, 2, torch.float64, torch.device("cpu")),
    "log gamma, most below any number": LogGamma(0.001, 0.001, 2, torch.float64, torch.device("cpu")),
    "categorical": Categorical(_normal(2, 4).log_softmax(-1)),
    "bernoulli": FactorisedBernoulli(_normal(2, 3)),
    "mixture of gaussians": Mixture(
        _normal(2, 2).log_softmax(-1),
        (FullGaussian(_normal(2, 3), _factor(2, 3)), FullGaussian(-_normal(2, 3), _factor(1, 3))),
    ),
    "mixture of student-t": Mixture(
        _normal(2, 2).log_softmax(-1),
        (StudentT(_normal(2, 3), _factor(2, 3), nu=5), StudentT(-_normal(2, 3), _factor(2, 3), nu=5)),
    ),
}
every_proposal = pytest.mark.parametrize("proposal", PROPOSALS.values(), ids=PROPOSALS.keys())
