"""c2 and c3 of the weights: published figures, brute force, and what a large sample shows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from evidence_bench.models.catalogue import build_model
from tests.models.instances import drawn, every_exact_model, model_and_points
from tests.statistical import assert_mean


@every_exact_model
def test_moments_are_finite_and_possible(name):
    """mu_3 >= mu_2^2 - mu_2 in units of the mean holds for every weight that is not negative."""
    model, x = model_and_points(name, 4)
    moments = model.weight_moments(x)
    assert moments.c2.dtype == moments.c3.dtype == torch.float64
    assert moments.c2.shape == moments.c3.shape == (4,)
    assert (moments.c2 > 0).all()
    assert (moments.c3 >= moments.c2**2 - moments.c2 - 1e-9).all()


@every_exact_model
def test_a_large_sample_has_these_moments(name):
    """E (w/p - 1)^2 / c2 = 1 where the sample can see an error of a quarter."""
    model, x, z, log_q = drawn(name, 4, 40_000)
    relative = (model.log_joint(x, z) - log_q - model.log_evidence(x)[:, None]).exp()
    moments = model.weight_moments(x)
    assert_mean(((relative - 1) ** 2 / moments.c2[:, None]).numpy(), 1.0, sees=0.35)


def test_gaussian_20d_has_the_published_figures():
    model, x, z, log_q = drawn("gaussian-20d", 2, 20_000)
    moments = model.weight_moments(x)
    np.testing.assert_allclose(moments.c2, 0.9067, atol=5e-5)
    np.testing.assert_allclose(moments.c3, 1.7483, atol=5e-5)
    gap = model.log_evidence(x)[:, None] - (model.log_joint(x, z) - log_q)
    assert_mean(gap.numpy(), 10 * (1 / 3 - math.log(4 / 3)), sees=0.05)


@pytest.mark.parametrize("a", [0.5, 1.0, 3.0])
def test_gamma_moments_by_integration(a):
    _, model = build_model(f"gamma[a={a}]")
    moments = model.weight_moments(torch.empty(1, 0))
    for power, value in ((2, moments.c2), (3, moments.c3)):
        central = integrate.quad(lambda w, p=power: (w / a - 1) ** p * stats.gamma(a).pdf(w), 0, 80)[0]
        np.testing.assert_allclose(value, central, rtol=1e-5)


def test_two_point_moments_by_hand():
    _, model = build_model("two-point[p=0.1,ratio=5]")
    moments = model.weight_moments(torch.empty(1, 0))
    w, p = np.array([1.0, 5.0]) / 1.4, np.array([0.9, 0.1])
    np.testing.assert_allclose(model.log_evidence(torch.empty(1, 0)), math.log(1.4), rtol=1e-14)
    np.testing.assert_allclose(moments.c2, (p * (w - 1) ** 2).sum(), rtol=1e-12)
    np.testing.assert_allclose(moments.c3, (p * (w - 1) ** 3).sum(), rtol=1e-12)


@pytest.mark.parametrize(
    ("scale", "second", "third"), [(0.6, False, False), (0.75, True, False), (1, True, True)]
)
def test_a_narrow_proposal_has_no_moments(scale, second, third):
    """E w^n is finite where n > (n - 1) / scale^2: scale above .707 for n = 2 and above .816 for n = 3."""
    _, model = build_model(f"linear-gaussian[scale={scale},diagonal=false]")
    moments = model.weight_moments(torch.zeros(2, 10))
    assert moments.c2.isfinite().all() == second
    assert moments.c3.isfinite().all() == third
    assert not moments.c3.isnan().any()


def test_an_exact_proposal_has_no_variance():
    _, model = build_model("linear-gaussian[scale=1,shift=0,diagonal=false]")
    moments = model.weight_moments(torch.zeros(2, 10))
    torch.testing.assert_close(moments.c2, torch.zeros(2).double(), rtol=0, atol=1e-12)


def test_most_digits_are_in_the_asymptotic_regime_at_128_samples():
    """c2/K <= .1 and |c3 - 5 c2^2/2| / (K c2) <= .25 on at least 95% of the test digits."""
    model, x = model_and_points("digits-vae", 100)
    moments = model.weight_moments(x)
    skew = (moments.c3 - 2.5 * moments.c2**2).abs() / moments.c2
    inside = (moments.c2 / 128 <= 0.1) & (skew / 128 <= 0.25)
    assert inside.double().mean() >= 0.95
