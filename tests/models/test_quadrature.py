"""The grid: its error falls as it is refined, and the stated error covers the true one."""

from __future__ import annotations

import pytest
import torch

from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.oracles import quadrature
from evidence_bench.models.oracles.quadrature import Grid, integrate
from tests.models.instances import model_and_points

TWO_D = "linear-gaussian[latents=2,observed=3,noise_sd=0.5]"


def test_error_falls_faster_than_any_power_of_the_step():
    model, x = model_and_points(TWO_D, 4)
    exact = model.log_evidence(x)
    wrong = [
        (integrate(model, x, Grid(8, h), (1,)).log_value[0] - exact).abs().max() for h in (1.2, 0.6, 0.3)
    ]
    assert wrong[0] > 0.01
    assert wrong[1] < wrong[0] ** 2
    assert wrong[2] < 1e-9


@pytest.mark.parametrize("grid", [Grid(8, 0.5), Grid(8, 0.35), Grid(8, 0.2), Grid(3, 0.2), Grid(2, 0.2)])
def test_stated_error_covers_the_true_one(grid):
    model, x = model_and_points(TWO_D, 8)
    result = integrate(model, x, grid, (1,))
    assert ((result.log_value[0] - model.log_evidence(x)).abs() <= result.error[0]).all()


@pytest.mark.parametrize("step", [0.8, 1.2, 2.0])
def test_a_grid_too_coarse_for_the_posterior_says_so(step):
    model, x = model_and_points(TWO_D, 8)
    assert integrate(model, x, Grid(8, step), (1,)).error.min() > 0.01


def test_digits_do_not_change_with_a_finer_and_a_larger_grid():
    model, x = model_and_points("digits-vae", 10)
    value, error = quadrature.log_evidence(model, x)
    moments, moments_error = quadrature.weight_moments(model, x)
    assert error.max() <= 1e-6
    assert torch.equal(model.log_evidence_stderr(x), error)
    fine = integrate(model, x.double(), Grid(12, 0.035), (1, 2, 3))
    assert ((fine.log_value[0] - value).abs() <= error).all()
    m2, m3 = ((fine.log_value[n] - (n + 1) * fine.log_value[0]).exp() for n in (1, 2))
    assert ((m2 - 1 - moments.c2).abs() <= 4 * moments_error * m2).all()
    assert ((m3 - 3 * m2 + 2 - moments.c3).abs() <= 4 * moments_error * m3).all()


def test_a_point_does_not_depend_on_the_others():
    model, x = model_and_points("digits-vae", 4)
    together = model.log_evidence(x)
    alone = torch.cat([model.log_evidence(one[None]) for one in x])
    torch.testing.assert_close(alone, together, rtol=1e-12, atol=0)


def test_three_latents_are_refused():
    model, x = model_and_points("linear-gaussian[latents=3]", 1)
    with pytest.raises(NotApplicable, match="at most 2"):
        quadrature.log_evidence(model, x)
