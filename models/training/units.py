"""Activity of each latent unit beside its term of the KL divergence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.distributions.ancestral_gaussian import AncestralGaussian
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.training.measure import ROWS, UNIT_DRAWS, for_each_image, unit_activity
from evidence_bench.models.vaes.vae import VAE

Gaussian = tuple[Tensor, Tensor]  # mean, log sd


@dataclass(frozen=True)
class LayerUnits:
    """``activity`` [L_i], Cov over x of E_q[u|x], and ``kl`` [L_i] in nats, of one stochastic layer."""

    activity: Tensor
    kl: Tensor


@torch.no_grad()
def latent_units(model: VAE, x: Tensor, seed: int = 0) -> list[LayerUnits]:
    """E_x E_q[log q(u|below) - log p(u|above)] of each unit u, beside its activity; x [N, D].

    The terms of a model add up to E_x KL(q(z|x) || p(z)). A layer with N(0, I) above it has its term in
    closed form given what is below; the others are means over draws. NotApplicable for latents that are
    not Gaussian. Source: Burda, Grosse and Salakhutdinov, ICLR 2016, section 5.2 and appendix C.
    """
    sums = [torch.zeros(width, dtype=torch.float64) for width in model.widths]
    for numbers in torch.split(torch.arange(len(x)), max(1, ROWS // UNIT_DRAWS)):
        generator = for_each_image((seed, "units"), numbers, UNIT_DRAWS)
        for total, terms in zip(sums, _kl_terms(model, x[numbers], generator), strict=True):
            total += terms.double().mean(1).sum(0).cpu()
    activity = unit_activity(model, x, seed)
    return [LayerUnits(a.cpu(), total / len(x)) for a, total in zip(activity, sums, strict=True)]


def _kl_terms(model: VAE, x: Tensor, generator: object) -> list[Tensor]:
    """[B, K, L_i] of each layer: its expectation over q is the KL term of every unit."""
    proposal = model.proposal(x)
    if not isinstance(proposal, DiagonalGaussian | AncestralGaussian):
        raise NotApplicable(
            f"Units of a {type(proposal).__name__} encoder have no KL term in closed form; "
            "use a model with a Gaussian encoder."
        )
    first = proposal.mean[:, None], proposal.log_sd[:, None]
    if isinstance(proposal, DiagonalGaussian):
        return [_kl_to_standard(*first)]
    z = torch.split(proposal.draw(proposal.noise(UNIT_DRAWS, generator))[0], list(model.widths), -1)  # type: ignore[arg-type]
    below = [first, *(layer(z_i) for layer, z_i in zip(proposal.layers, z, strict=False))]
    terms = [
        _log_density(here, q) - _log_density(here, network(above))
        for here, above, q, network in zip(z, z[1:], below, model.upper, strict=False)
    ]
    return [*terms, _kl_to_standard(*below[-1])]


def _kl_to_standard(mean: Tensor, log_sd: Tensor) -> Tensor:
    """KL(N(mean, sd^2) || N(0, 1)), elementwise."""
    return 0.5 * (mean.square() + (2 * log_sd).exp() - 1) - log_sd


def _log_density(z: Tensor, law: Gaussian) -> Tensor:
    """log N(z; mean, sd^2) up to a constant, elementwise."""
    mean, log_sd = law
    return -0.5 * ((z - mean) * (-log_sd).exp()).square() - log_sd
