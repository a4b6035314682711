"""Each objective against its formula written out, in value and gradient, on the same draws."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training import log_weights
from tests.training.tiny import ARCHITECTURES, bits, named, tiny

ROUNDING = 1e-12  # relative, of float64 gradients through a few hundred operations of order one
kinds = pytest.mark.parametrize("kind", ARCHITECTURES)


def _draws():
    return keyed_generator(("draws",))


def _flat(value, model):
    """The gradient of a number in all parameters, in one vector; zero where a parameter has none."""
    parameters = list(model.parameters())
    found = torch.autograd.grad(value, parameters, retain_graph=True, allow_unused=True)
    return torch.cat(
        [
            torch.zeros_like(p).ravel() if g is None else g.ravel()
            for p, g in zip(parameters, found, strict=True)
        ]
    )


def _relative(found, expected):
    return float((found - expected).norm() / expected.norm())


@kinds
@pytest.mark.parametrize(("dtype", "rounding"), [(torch.float32, 1e-6), (torch.float64, 1e-15)])
def test_iwae_of_one_weight_is_the_elbo(kind, dtype, rounding):
    model, x = tiny(kind, dtype), bits(6, dtype=dtype)
    bounds = [named(name, 1)(model, x, _draws()) for name in ("iwae", "elbo")]
    assert _relative(bounds[0].detach(), bounds[1].detach()) <= rounding
    gradients = [_flat(bound.mean(), model) for bound in bounds]
    assert gradients[1].norm() > 0.1
    assert _relative(*gradients) <= rounding


@kinds
def test_gradient_of_iwae_is_the_self_normalised_sum(kind):
    """sum_k w_k / sum_j w_j * grad log w_k: Burda et al., equation 14."""
    model, x, k = tiny(kind, torch.float64), bits(3, dtype=torch.float64), 5
    gradient = _flat(named("iwae", k)(model, x, _draws()).sum(), model)
    log_w = log_weights(model, x, k, _draws())
    share = log_w.detach().exp() / log_w.detach().exp().sum(-1, keepdim=True)
    expected = sum(share[b, i] * _flat(log_w[b, i], model) for b in range(3) for i in range(k))
    assert _relative(gradient, expected) < ROUNDING


def _jackknife(log_w, order):
    """Every subset enumerated: sum_j c_j times the mean of IWAE with j weights left out."""
    k = len(log_w)
    total = 0.0
    for j in range(order + 1):
        kept = [log_w[list(subset)].exp().mean().log() for subset in combinations(range(k), k - j)]
        total += (
            (-1) ** j * (k - j) ** order / (factorial(order - j) * factorial(j)) * torch.stack(kept).mean()
        )
    return total


@kinds
@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradient_of_jvi_is_that_of_the_jackknife_written_out(kind, order):
    model, x, k = tiny(kind, torch.float64), bits(3, dtype=torch.float64), 6
    value = named("jvi", k, order)(model, x, _draws()).mean()
    log_w = log_weights(model, x, k, _draws())
    expected = torch.stack([_jackknife(row, order) for row in log_w]).mean()
    # The coefficients of order 3 at k = 6 add up to 216 in absolute value: so many roundings.
    assert _relative(value.detach(), expected.detach()) < 216 * ROUNDING
    assert _relative(_flat(value, model), _flat(expected, model)) < 216 * ROUNDING


@kinds
def test_prior_averages_the_likelihood_and_leaves_the_encoder_alone(kind):
    model, x, k = tiny(kind, torch.float64), bits(4, dtype=torch.float64), 7
    value = named("prior", k)(model, x, _draws())
    prior = model.prior(x)
    z, _ = prior.draw(prior.noise(k, _draws()))
    logits = model.decoder(z[..., : model.widths[0]])
    each = -binary_cross_entropy_with_logits(logits, x[:, None].expand_as(logits), reduction="none").sum(-1)
    torch.testing.assert_close(value, each.exp().mean(-1).log(), rtol=ROUNDING, atol=0)
    value.mean().backward()
    assert all(p.grad is None or not p.grad.any() for p in model.encoder.parameters())
    assert all(p.grad.any() for p in model.decoder.parameters())


@kinds
def test_iwae_kl_is_iwae_less_the_monte_carlo_kl_of_the_same_draws(kind):
    model, x, k = tiny(kind, torch.float64), bits(4, dtype=torch.float64), 5
    iwae, less = (named(name, k)(model, x, _draws()) for name in ("iwae", "iwae-kl"))
    proposal = model.proposal(x)
    z, log_q = proposal.draw(proposal.noise(k, _draws()))
    kl = (log_q - model.log_prior(z)).mean(-1)
    torch.testing.assert_close(iwae - less, kl, rtol=ROUNDING, atol=ROUNDING)
    assert _relative(_flat((iwae - less).sum(), model), _flat(kl.sum(), model)) < ROUNDING


@pytest.mark.parametrize("name", ["elbo", "iwae", "jvi", "prior", "iwae-kl"])
def test_draws_are_those_of_the_generator(name):
    model, x = tiny(), bits(4)
    first, again, other = (
        named(name, 4)(model, x, keyed_generator(("draws", key))).detach() for key in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not (first == other).any()
