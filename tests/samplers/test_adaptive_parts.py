"""The parts of adaptive importance sampling against independent computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.laplace import curvature, laplace_coordinates, laplace_cost
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.samplers.adaptive.covariance import shrunk_covariance
from evidence_bench.estimators.samplers.adaptive.fit import fitted, tempered
from evidence_bench.estimators.samplers.adaptive.student import Student
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.weight_laws import LognormalLaw
from evidence_bench.models.randomness import keyed_generator
from tests.samplers.instances import CORRELATED, NonlinearLaw, data

F64 = torch.float64


def _normal(*shape, seed=0):
    return torch.randn(*shape, generator=keyed_generator(("parts", seed)), dtype=F64)


def _students(rows, d, nu=4.0):
    factor = _normal(rows, d, d, seed=1).tril(-1) + torch.diag_embed(0.5 + _normal(rows, d, seed=2).square())
    return Student(_normal(rows, d, seed=3), factor, nu)


def test_student_density_is_scipys():
    student, u = _students(3, 4), _normal(3, 7, 4, seed=4)
    expected = [
        stats.multivariate_t(loc, c @ c.T, df=4.0).logpdf(points)
        for loc, c, points in zip(student.location.numpy(), student.factor.numpy(), u.numpy(), strict=True)
    ]
    np.testing.assert_allclose(student.log_prob(u.mT).numpy(), expected, rtol=1e-10)


def test_inflation_multiplies_the_scale_matrix():
    student = _students(3, 4)
    wide = student.inflated(1.44)
    u = _normal(3, 4, 5, seed=4)
    torch.testing.assert_close(wide.distance(u), student.distance(u) / 1.44)


def _to_noise(whitening, u):
    return whitening.centre[:, None] + u.mT @ whitening.matrix.mT


def test_whitening_by_a_precision_goes_there_and_back():
    precision = CORRELATED.precision.expand(2, -1, -1)
    whitening = Whitening.of_precision(_normal(2, 6), torch.linalg.cholesky(precision))
    covariance = whitening.matrix @ whitening.matrix.mT
    torch.testing.assert_close(covariance, torch.linalg.inv(precision))
    torch.testing.assert_close(whitening.log_det, -0.5 * torch.logdet(precision))
    u = _normal(2, 6, 5, seed=5)
    torch.testing.assert_close(whitening.from_noise(_to_noise(whitening, u)), u)


def _from_zero(log_w):
    return log_w - log_w.amax(dim=1, keepdim=True)


@pytest.mark.parametrize("spread", [0.1, 3.0, 100.0, 10_000.0])
def test_tempering_reaches_the_wanted_ess_and_no_more(spread):
    log_w = _from_zero(spread * _normal(50, 400))
    p, ess = tempered(log_w, 50)
    plain = 1 / torch.softmax(log_w, dim=1).square().sum(dim=1)
    torch.testing.assert_close(ess, 1 / p.square().sum(dim=1))
    assert (ess >= 50).all()
    needless = plain >= 50
    torch.testing.assert_close(ess[needless], plain[needless])
    # 14 bisections of 20 powers of two leave 0.08% of the power, and so less than 1% of the ESS.
    assert (ess[~needless] < 50.5).all()


def test_tempering_gives_no_share_to_zero_weights():
    log_w = 30 * _normal(4, 100)
    log_w[:, ::2] = -math.inf
    log_w = _from_zero(log_w)
    p, ess = tempered(log_w, 30)
    assert (p[:, ::2] == 0).all()
    assert (ess >= 30).all()


def _correlation_noise(centred, weight):
    """sum Var(r_ij) and sum r_ij^2 over i != j of one row, term by term."""
    s = np.einsum("n,ni,nj->ij", weight, centred, centred)
    sd = np.sqrt(np.diag(s))
    r = s / np.outer(sd, sd)
    a = centred / sd
    pairs = [(i, j) for i in range(len(sd)) for j in range(len(sd)) if i != j]
    noise = sum((weight**2 * (a[:, i] * a[:, j] - r[i, j]) ** 2).sum() for i, j in pairs)
    return s, noise, sum(r[i, j] ** 2 for i, j in pairs)


def test_covariance_shrinks_by_the_noise_of_its_correlations():
    mixing = torch.eye(4, dtype=F64) + 0.3
    centred = _normal(5, 60, 4) @ mixing
    weight = torch.softmax(_normal(5, 60, seed=9), dim=1)
    result = shrunk_covariance(centred.mT, torch.zeros(5, 4, 1, dtype=F64), weight).numpy()
    for row in range(5):
        full, noise, signal = _correlation_noise(centred[row].numpy(), weight[row].numpy())
        keep = (result[row] / full)[~np.eye(4, dtype=bool)]
        np.testing.assert_allclose(keep, keep[0], rtol=1e-9)
        np.testing.assert_allclose(np.diag(result[row]), np.diag(full), rtol=1e-12)
        assert keep[0] == pytest.approx(1 - noise / signal, abs=0.05)


def test_correlations_that_are_chance_go_and_those_that_are_not_stay():
    weight = torch.full((200, 60), 1 / 60, dtype=F64)
    chance = _normal(200, 60, 10)
    kept = shrunk_covariance(chance.mT, torch.zeros(200, 10, 1, dtype=F64), weight) / (
        chance.mT @ (weight[:, :, None] * chance)
    )
    assert kept[:, 0, 1].mean() < 0.2
    common = chance + 2 * _normal(200, 60, 1, seed=8)
    kept = shrunk_covariance(common.mT, torch.zeros(200, 10, 1, dtype=F64), weight) / (
        common.mT @ (weight[:, :, None] * common)
    )
    assert kept[:, 0, 1].mean() > 0.9


def _fit(u, log_w, previous):
    return fitted(u, log_w, previous.distance(u), previous)


def test_fit_recovers_the_target_from_weighted_draws_of_another_density():
    """Draws of N(0, I), target N(m, C): weights matter, and a fit that ignores them keeps N(0, I)."""
    covariance = torch.tensor([[0.5, 0.2], [0.2, 0.3]], dtype=F64)
    target = torch.distributions.MultivariateNormal(torch.tensor([0.4, -0.3], dtype=F64), covariance)
    u = _normal(20, 5000, 2)
    log_w = target.log_prob(u) + 0.5 * u.square().sum(dim=-1)
    fit = Student.standard(20, 2, 1e6, torch.device("cpu"))
    for _ in range(5):
        fit = _fit(u.mT, log_w, fit)
    # ESS is above 1000, so a standard error of a row is below 0.03 and that of 20 rows below 0.007.
    torch.testing.assert_close(fit.location.mean(0), target.mean, rtol=0, atol=0.03)
    torch.testing.assert_close((fit.factor @ fit.factor.mT).mean(0), covariance, rtol=0, atol=0.03)


@pytest.mark.parametrize("bad", [-math.inf, math.nan, math.inf])
def test_a_row_without_usable_weights_keeps_the_previous_fit(bad):
    previous = _students(3, 2)
    log_w = _normal(3, 40)
    log_w[1] = bad
    fit = _fit(_normal(3, 2, 40, seed=6), log_w, previous)
    assert torch.equal(fit.location[1], previous.location[1])
    assert torch.equal(fit.factor[1], previous.factor[1])
    assert not torch.equal(fit.location[0], previous.location[0])
    assert fit.factor.isfinite().all()


def test_draws_in_one_place_leave_a_usable_fit():
    fit = _fit(torch.ones(2, 2, 40, dtype=F64), torch.zeros(2, 40, dtype=F64), _students(2, 2))
    assert fit.log_prob(_normal(2, 2, 3)).isfinite().all()


@pytest.mark.parametrize(
    "model", [CORRELATED, LinearGaussian(shift=3.0, scale=0.3, diagonal=False), NonlinearLaw()], ids=repr
)
def test_curvature_is_the_gradient_of_the_target_in_noise_space(model):
    x = _normal(3, 3) if isinstance(model, NonlinearLaw) else data(model, 3)
    space = NoiseSpace(model, x)
    e = (0.5 * _normal(3, space.dimension, seed=7)).requires_grad_()
    space.target(e[:, None]).sum().backward()
    gradient, precision = curvature(space, e.detach())
    torch.testing.assert_close(gradient, e.grad)
    assert (torch.linalg.eigvalsh(precision) > 0).all()


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_laplace_coordinates_of_a_gaussian_posterior_are_exact(mode):
    """In them the target is p(x) N(u; 0, I), whatever the proposal."""
    model = LinearGaussian(shift=2.0, scale=0.4)
    x = data(model, 3)
    with mode():
        space = NoiseSpace(model, x)
        whitening = laplace_coordinates(space)
        u = _normal(3, 5, 6)
        target = space.target(_to_noise(whitening, u)) + whitening.log_det[:, None]
    log_normal = -0.5 * (u.square().sum(dim=1) + 5 * math.log(2 * math.pi))
    torch.testing.assert_close(target - log_normal, model.log_evidence(x)[:, None].expand(3, 6))


def test_laplace_steps_reach_the_mode_of_a_target_that_is_no_gaussian():
    model = NonlinearLaw()
    space = NoiseSpace(model, _normal(4, 3))
    whitening = laplace_coordinates(space)
    gradient, _ = curvature(space, whitening.centre)
    start, _ = curvature(space, torch.zeros(4, 3, dtype=F64))
    assert (gradient.norm(dim=1) < 0.1 * start.norm(dim=1)).all()


class _Unhelpful(LinearGaussian):
    """Curvature that is wrong in the first row (not positive definite) and in the second (a NaN)."""

    def gauss_newton(self, x, z):
        gradient, precision = super().gauss_newton(x, z)
        precision = precision.clone()
        precision[0] *= -1
        precision[1, 0, 0] = math.nan
        return gradient, precision


def test_unusable_curvature_leaves_the_proposals_own_coordinates():
    model = _Unhelpful()
    whitening = laplace_coordinates(NoiseSpace(model, data(model, 3)))
    eye = torch.eye(model.latents, dtype=F64)
    for row in (0, 1):
        assert torch.equal(whitening.matrix[row], eye)
        assert (whitening.centre[row] == 0).all()
    assert not torch.equal(whitening.matrix[2], eye)


class _Climbing(LinearGaussian):
    """A gradient of the wrong sign, which leads away from the mode."""

    def gauss_newton(self, x, z):
        gradient, precision = super().gauss_newton(x, z)
        return -gradient, precision


def test_steps_that_lead_down_are_refused():
    model = _Climbing(shift=1.0)
    whitening = laplace_coordinates(NoiseSpace(model, data(model, 3)))
    assert (whitening.centre == 0).all()


def test_laplace_costs_what_it_says():
    from evidence_bench.estimators.counted import Counted

    counted = Counted(CORRELATED)
    laplace_coordinates(NoiseSpace(counted, data(CORRELATED, 3)))
    assert counted.evaluations == 3 * laplace_cost(CORRELATED.latents)


@pytest.mark.parametrize("model", [LognormalLaw(), NonlinearLaw(latents=1)], ids=repr)
def test_the_target_in_noise_space_integrates_to_the_evidence(model):
    x = torch.full((1, 1), 0.7, dtype=F64) if isinstance(model, NonlinearLaw) else data(model, 1)
    e = torch.linspace(-9, 9, 2001, dtype=F64)
    target = NoiseSpace(model, x).target(e[None, :, None])
    evidence = torch.trapezoid(target.exp(), e)
    torch.testing.assert_close(evidence.log(), model.log_evidence(x))
