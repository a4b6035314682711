"""What a card says of a trained model: bound, likelihood and active units on a split."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from evidence_bench.models.distributions.ancestral_gaussian import AncestralGaussian
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.errors import BadOption
from evidence_bench.models.randomness import Key, KeyedDraws, keyed_generator
from evidence_bench.models.training.objectives import log_weights
from evidence_bench.models.vaes.vae import VAE

ROWS = 20_000  # log weights at a time
ACTIVE = 0.01
UNIT_DRAWS = 32


@torch.no_grad()
def negative_log_likelihood(
    model: VAE, x: Tensor, samples: int, seed: int = 0, from_prior: bool = False
) -> dict[str, Any]:
    """-log mean of ``samples`` weights and the ELBO: means over x [N, D] in nats, standard errors over x.

    The estimate of log p(x) is IWAE's: on average below it, the more so the fewer the samples.
    ``from_prior``: with draws from p(z), for a model whose encoder is not trained.
    """
    if samples < 1:
        raise BadOption(f"A likelihood needs at least 1 sample an image, not {samples}; ask for more.")
    values, bounds = [], []
    for numbers in torch.split(torch.arange(len(x)), max(1, ROWS // samples)):
        generator = for_each_image((seed, "test"), numbers, samples)
        log_w = log_weights(model, x[numbers], samples, generator, from_prior).double()
        values.append(log_w.logsumexp(-1) - math.log(samples))
        bounds.append(log_w.mean(-1))
    value, bound = torch.cat(values), torch.cat(bounds)
    root = math.sqrt(len(x))
    return {
        "negative_log_likelihood": -float(value.mean()),
        "negative_log_likelihood_stderr": float(value.std()) / root,
        "samples": samples,
        "elbo": float(bound.mean()),
        "elbo_stderr": float(bound.std()) / root,
        "images": len(x),
    }


@torch.no_grad()
def unit_activity(model: VAE, x: Tensor, seed: int = 0) -> list[Tensor]:
    """Cov over x of E_q[u|x] for each unit u: one [L_i] a stochastic layer. More than ACTIVE: an active unit.

    A layer's mean depends on draws of the one before. Two independent sets of draws are
    correlated with each other, so that their noise adds nothing on average.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016, section 5.2.
    """
    halves = [_means(model, x, (seed, "activity", half)) for half in (0, 1)]
    return [_covariance(one, other) for one, other in zip(*halves, strict=True)]


def active_units(model: VAE, x: Tensor, seed: int = 0) -> list[int]:
    """The number of active units of each stochastic layer."""
    return [int((activity > ACTIVE).sum()) for activity in unit_activity(model, x, seed)]


def _means(model: VAE, x: Tensor, key: Key) -> list[Tensor]:
    """E_q[u|x] [N, L_i] of each layer: exact where it is Gaussian given x, else by UNIT_DRAWS draws."""
    found = []
    for numbers in torch.split(torch.arange(len(x)), max(1, ROWS // UNIT_DRAWS)):
        proposal = model.proposal(x[numbers])
        if isinstance(proposal, DiagonalGaussian):
            found.append([proposal.mean])
            continue
        z, _ = proposal.draw(proposal.noise(UNIT_DRAWS, for_each_image(key, numbers, UNIT_DRAWS)))
        parts = torch.split(z, list(model.widths), -1)
        if isinstance(proposal, AncestralGaussian):
            later = [layer(z_i)[0].mean(1) for layer, z_i in zip(proposal.layers, parts, strict=False)]
            found.append([proposal.mean, *later])
        else:
            found.append([part.mean(1) for part in parts])
    return [torch.cat(layer).double() for layer in zip(*found, strict=True)]


def for_each_image(key: Key, numbers: Tensor, draws: int) -> KeyedDraws:
    """Noise that depends on the number of the image alone, not on how many are measured at a time."""
    return KeyedDraws(tuple(keyed_generator((*key, number)) for number in numbers.tolist()), draws)


def _covariance(one: Tensor, other: Tensor) -> Tensor:
    return ((one - one.mean(0)) * (other - other.mean(0))).sum(0) / (len(one) - 1)
