"""Extreme options: the right value or a sentence, in both dtypes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import special, stats

from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.estimators.samplers.student_t import StudentT as StudentTSampler
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.distributions.bernoulli import FactorisedBernoulli
from evidence_bench.models.distributions.categorical import Categorical
from evidence_bench.models.distributions.student_t import StudentT
from evidence_bench.models.errors import BadOption
from evidence_bench.models.oracles.enumeration import enumerated_moments
from evidence_bench.models.randomness import keyed_generator, standard_log_gamma
from tests.statistical import assert_mean

EMPTY = {dtype: torch.empty(1, 0, dtype=dtype) for dtype in (torch.float64, torch.float32)}


def estimates(model, name, k, n, dtype):
    """n independent estimates of log p(x) by ``name`` at K = k."""
    x = EMPTY[dtype].expand(n, 0)
    return build_estimator(name)(build_model(model)[1], x, k, keyed_generator((model, name, k))).numpy()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    ("a", "k"), [(1e-3, 1), (1e-3, 64), (0.01, 1), (0.01, 64), (1e-6, 16), (0.3, 4), (40, 4)]
)
def test_iwae_of_gamma_weights_has_its_exact_mean(a, k, dtype):
    """E L_K = psi(a K) - log K; false-fail rate 1e-4 a case, a mean off by a tenth of an sd is seen in 99%.

    Where draws stopped at the smallest number the mean was -502 in place of -994 at a = .001.
    """
    exact, sd = special.digamma(a * k) - math.log(k), math.sqrt(special.polygamma(1, a * k))
    assert_mean(estimates(f"gamma[a={a}]", "iwae", k, 6000, dtype), exact, sees=0.1 * sd)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_gamma_weights_agree_where_torch_s_own_draws_do_not_underflow(dtype):
    """The same draws as before in float64, from log g of the same g."""
    direct = torch._standard_gamma(torch.full((2000, 1), 0.7, dtype=dtype), generator=keyed_generator(("g",)))
    log_g = standard_log_gamma(keyed_generator(("g",)), 0.7, 2.0, 1, 2000, 1, dtype, torch.device("cpu"))
    torch.testing.assert_close(log_g[0], (direct.double() / 2).log().to(dtype))


def test_log_draws_have_the_law_of_the_gamma():
    """Kolmogorov's distance to the law of log g at a = .02; false-fail rate 1e-4, fixed seed.

    Power: with 20,000 draws an error of .02 of the distribution function is seen in over 99%.
    """
    log_g = standard_log_gamma(keyed_generator(("law",)), 0.02, 1.0, 1, 20_000, 1, torch.float64, "cpu")
    # P(g <= t) = t^a / Gamma(a + 1) times a factor that is 1 where t is below 1e-16
    values = log_g.flatten().numpy()
    cdf = np.where(
        values < -37, np.exp(0.02 * values - math.lgamma(1.02)), stats.gamma(0.02).cdf(np.exp(values))
    )
    assert stats.kstest(cdf, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    ("p", "ratio"),
    [(1e-12, 1e300), (0.25, 1e300), (0.25, 1e30), (1e-300, 1e300), (1 - 2**-53, 8), (0.999999, 1e-300)],
)
def test_two_points_far_apart(p, ratio, dtype):
    model = build_model(f"two-point[p={p!r},ratio={ratio!r}]")[1]
    x = EMPTY[dtype]
    z = torch.tensor([[[0.0], [1.0]]], dtype=dtype)
    log_w = (model.log_joint(x, z) - model.proposal(x).log_prob(z)).double()
    np.testing.assert_allclose(log_w[0], [0, math.log(ratio)], rtol=1e-6, atol=1e-12)
    truth = np.logaddexp(math.log1p(-p), math.log(p) + math.log(ratio))
    np.testing.assert_allclose(model.log_evidence(x), truth, rtol=1e-12)
    posterior = model.prior(x).log_prob(z).double()
    np.testing.assert_allclose(posterior.logsumexp(-1), 0, atol=1e-6)
    np.testing.assert_allclose(
        posterior[0, 1] - posterior[0, 0], log_w[0, 1] + math.log(p) - math.log1p(-p), rtol=1e-6, atol=1e-4
    )
    moments = model.weight_moments(x)
    spread = math.log(abs(ratio - 1)) - truth
    log_c2 = math.log(p) + math.log1p(-p) + 2 * spread
    np.testing.assert_allclose(moments.c2.log(), log_c2, rtol=1e-9)
    assert not moments.c3.isnan().any()


REFUSED = {
    "gamma[a=1e-300]": "at least 1e-30",
    "gamma[a=1e300]": "at most 1e+08",
    "gamma[a=nan]": "finite number above 0",
    "lognormal[s2=1e6]": "at most 100",
    "lognormal[s2=0]": "above 0",
    "two-point[p=0]": "above 0",
    "two-point[p=1]": "between 0 and 1",
    "two-point[ratio=inf]": "finite",
    "linear-gaussian[noise_sd=0]": "above 0",
    "linear-gaussian[noise_sd=1e-14]": "at most 1e+06 times 'noise_sd'",
    "linear-gaussian[noise_sd=1e300]": "at most 1e+100",
    "linear-gaussian[weight_sd=1e12]": "at most 1e+06 times 'noise_sd'",
    "linear-gaussian[scale=1e300]": "at most 1e+100",
    "linear-gaussian[shift=-1e300]": "between -1e+100 and 1e+100",
    "linear-gaussian[latents=100000000000]": "at most 10000",
    "linear-gaussian[seed=100000000000000000000]": "below 2^63",
    "gaussian-20d[seed=100000000000000000000]": "below 2^63",
    "mixture[spread=1e300]": "at most 1e+06",
    "mixture[temper=1e300]": "at most 1e+06",
    "mixture[components=100000000000]": "at most 10000",
    "mixture[seed=100000000000000000000]": "below 2^63",
    "bernoulli-latents[noise_sd=1e-300]": "at least 1e-06",
    "bernoulli-latents[temper=1e300]": "at most 1e+06",
    "bernoulli-latents[seed=100000000000000000000]": "below 2^63",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_number_can_hold_is_refused_in_a_sentence(name):
    with pytest.raises(BadOption, match=REFUSED[name].replace("+", r"\+").replace("^", r"\^")):
        build_model(name)


@pytest.mark.parametrize(("nu", "inflation"), [(0.001, 1.2), (1e-300, 1.2), (5.0, 1e300), (5.0, 1e-300)])
def test_a_student_t_whose_draws_no_number_can_hold_is_refused(nu, inflation):
    with pytest.raises(BadOption, match="student-t"):
        StudentTSampler(nu, inflation)
    if nu < 5:
        with pytest.raises(BadOption, match=r"at least 0\.5"):
            StudentT(torch.zeros(1, 2), torch.eye(2)[None], nu)


def test_moments_of_states_that_the_proposal_almost_leaves_out():
    """q = e^-800 where the posterior has e^-400: c2 = 1, from a product of 0 and inf; q = e^-1000: inf."""
    log_joint = torch.tensor([[0.0, -400.0]], dtype=torch.float64)
    moments = enumerated_moments(log_joint, torch.tensor([[0.0, -800.0]], dtype=torch.float64))
    np.testing.assert_allclose(moments.c2, 1, rtol=1e-12)
    assert moments.c3.item() == pytest.approx(math.exp(400), rel=1e-12)
    temper = build_model("mixture[temper=1e6]")[1]
    moments = temper.weight_moments(temper.simulate(4, keyed_generator(("x",))).x)
    assert moments.c2.isposinf().all()


def test_rare_states_are_drawn_as_often_as_they_should_be_in_float32():
    """P = 2e-9 lies between 0 and the 2^-24 that float32 noise is made of."""
    rare = FactorisedBernoulli(torch.tensor([[-20.0]]))
    assert rare.noise(1, keyed_generator(("e",))).dtype == torch.float64
    e = torch.tensor([[[1e-9], [3e-9]]], dtype=torch.float64)
    assert rare.draw(e)[0].flatten().tolist() == [1, 0]
    table = Categorical(torch.tensor([[-20.0, math.log1p(-math.exp(-20))]]))
    assert table.noise(1, keyed_generator(("e",))).dtype == torch.float64
    assert table.draw(e)[0].flatten().tolist() == [0, 1]
    assert table.draw(e)[0].dtype == rare.draw(e)[0].dtype == torch.float32
