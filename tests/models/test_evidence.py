"""Exact evidence against computations that share no code with it, and the weights' first moment."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import expit, logsumexp

from evidence_bench.models.catalogue import build_model
from evidence_bench.models.oracles import quadrature
from tests.models.instances import drawn, every_exact_model, model_and_points
from tests.statistical import assert_mean


@every_exact_model
def test_weights_average_to_the_evidence(name):
    """E_q[w / p] = 1; a mean off by 10% would be seen with probability 0.99."""
    model, x, z, log_q = drawn(name, 4, 20_000)
    relative = (model.log_joint(x, z) - log_q - model.log_evidence(x)[:, None]).exp()
    assert_mean(relative.numpy(), 1.0, sees=0.1)


@pytest.mark.parametrize("name", ["linear-gaussian", "linear-gaussian[latents=2,observed=3,noise_sd=0.5]"])
def test_linear_gaussian_is_a_gaussian_marginal(name):
    model, x = model_and_points(name, 5)
    weight, bias = (p.numpy() for p in model._parameters)
    covariance = weight @ weight.T + model.noise_sd**2 * np.eye(model.observed)
    expected = stats.multivariate_normal(bias, covariance).logpdf(x.numpy())
    np.testing.assert_allclose(model.log_evidence(x), expected, rtol=1e-12)


def test_linear_gaussian_draws_its_matrix_as_said():
    """W = weight_sd * randn(observed, latents) of torch's generator with the seed, in float64."""
    _, model = build_model("linear-gaussian[latents=20,observed=40,weight_sd=0.3]")
    drawn_w = 0.3 * torch.randn(40, 20, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x, step = torch.zeros(1, 40), torch.eye(20, dtype=torch.float64)
    gradients = torch.stack([model.gauss_newton(x, z[None])[0][0] for z in (*step, 0 * step[0])])
    expected = step + drawn_w.T @ drawn_w
    torch.testing.assert_close(gradients[-1] - gradients[:-1], expected)


def test_gaussian_20d_is_a_gaussian_marginal():
    model, x = model_and_points("gaussian-20d", 5)
    expected = stats.multivariate_normal(model.theta.numpy(), 2 * np.eye(20)).logpdf(x.numpy())
    np.testing.assert_allclose(model.log_evidence(x), expected, rtol=1e-12)


def test_mixture_is_a_sum_over_components():
    model, x = model_and_points("mixture", 5)
    means, log_pi = (p.numpy() for p in model._parameters)
    parts = [log_pi[c] + stats.norm(means[c]).logpdf(x.numpy()).sum(-1) for c in range(len(log_pi))]
    np.testing.assert_allclose(model.log_evidence(x), logsumexp(parts, axis=0), rtol=1e-12)


def test_bernoulli_latents_are_a_sum_over_states():
    model, x = model_and_points("bernoulli-latents[latents=3,observed=2]", 5)
    weight, bias, logits = (p.numpy() for p in model._parameters)
    on = expit(logits)
    parts = []
    for state in product((0, 1), repeat=3):
        log_prior = stats.bernoulli(on).logpmf(state).sum()
        mean = 2 * np.tanh(weight @ np.array(state) + bias)
        parts.append(log_prior + stats.norm(mean, model.noise_sd).logpdf(x.numpy()).sum(-1))
    np.testing.assert_allclose(model.log_evidence(x), logsumexp(parts, axis=0), rtol=1e-12)


@pytest.mark.parametrize(
    "name",
    [
        "lognormal",
        "linear-gaussian[latents=1,observed=3]",
        "linear-gaussian[latents=2,observed=3,noise_sd=0.5]",
    ],
)
def test_quadrature_reaches_the_exact_evidence_and_moments(name):
    model, x = model_and_points(name, 3)
    value, error = quadrature.log_evidence(model, x)
    assert ((value - model.log_evidence(x)).abs() <= error).all()
    moments, error = quadrature.weight_moments(model, x)
    exact = model.weight_moments(x)
    third = exact.c3 + 3 * exact.c2 + 1
    assert ((moments.c3 - exact.c3).abs() <= 4 * error * third).all()
    assert ((moments.c2 - exact.c2).abs() <= 4 * error * (1 + exact.c2)).all()
