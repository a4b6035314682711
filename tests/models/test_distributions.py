"""Laws of every proposal, and the densities against scipy's and mpmath's."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from scipy import stats

from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian, log_standard_normal
from evidence_bench.models.distributions.full_gaussian import FullGaussian
from evidence_bench.models.distributions.johnson_su import JohnsonSU
from evidence_bench.models.distributions.mixture import Mixture
from evidence_bench.models.distributions.student_t import StudentT
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import KeyedDraws, KeyedReplicates, keyed_generator
from tests.models.instances import PROPOSALS, every_proposal
from tests.statistical import assert_mean

BIJECTIVE = {name: p for name, p in PROPOSALS.items() if p.bijective}


@every_proposal
def test_density_from_the_noise_is_the_density(proposal):
    z, log_q = proposal.draw(proposal.noise(50, keyed_generator(("noise",))))
    assert z.shape[:2] == log_q.shape == (2, 50)
    torch.testing.assert_close(proposal.log_prob(z), log_q, rtol=1e-10, atol=1e-10)


@every_proposal
def test_ratio_of_densities_averages_to_one(proposal):
    """E_q[r/q] = 1 for r the law of another row: draws and density belong together, and both sum to 1."""
    z, log_q = proposal.draw(proposal.noise(40_000, keyed_generator(("ratio",))))
    half = torch.logaddexp(proposal.log_prob(z[:1])[1], log_q[0]) - np.log(2)
    # r/q is bounded by 2 against the average of both rows, whatever their tails.
    second = proposal.log_prob(z[1:])
    averaged = torch.cat([(log_q[0] - half).exp(), (second[0] - torch.logaddexp(*second) + np.log(2)).exp()])
    assert_mean(averaged.reshape(2, -1).mean(0).numpy(), 1.0, sees=0.05)


@every_proposal
def test_noise_is_made_for_each_row_by_its_own_key(proposal):
    def noise(k, block=8):
        keys = tuple(keyed_generator(("row", i)) for i in range(2))
        return proposal.noise(k, KeyedDraws(keys, block))

    assert torch.equal(noise(3), noise(8)[:, :3])
    one_point = (keyed_generator(("row", 0)),)
    assert proposal.noise(3, KeyedReplicates(one_point, block=4, take=2)).shape[:2] == (2, 3)


@pytest.mark.parametrize("proposal", BIJECTIVE.values(), ids=BIJECTIVE.keys())
def test_a_bijection_changes_the_density_by_its_jacobian(proposal):
    e = proposal.noise(3, keyed_generator(("jacobian",)))
    _, log_q = proposal.draw(e)
    for b in range(2):
        for k in range(3):

            def mapped(one, b=b, k=k):
                noise = e.clone()
                noise[b, k] = one
                return proposal.draw(noise)[0][b, k]

            jacobian = torch.autograd.functional.jacobian(mapped, e[b, k])
            expected = log_standard_normal(e[b, k]) - jacobian.slogdet().logabsdet
            torch.testing.assert_close(log_q[b, k], expected)


@pytest.mark.parametrize("name", [n for n in PROPOSALS if n not in BIJECTIVE])
def test_others_say_that_they_are_no_bijection(name):
    assert PROPOSALS[name].bijective is False


def test_gaussian_and_student_t_agree_with_scipy():
    for kind in ("full gaussian", "student-t"):
        proposal = PROPOSALS[kind]
        z, log_q = proposal.draw(proposal.noise(4, keyed_generator((kind,))))
        for b in range(2):
            covariance = (proposal.chol[b] @ proposal.chol[b].T).numpy()
            if isinstance(proposal, FullGaussian):
                known = stats.multivariate_normal(proposal.mean[b].numpy(), covariance)
            else:
                known = stats.multivariate_t(proposal.loc[b].numpy(), covariance, df=5)
            np.testing.assert_allclose(log_q[b], known.logpdf(z[b].numpy()), rtol=1e-9)


def test_johnson_agrees_with_scipy():
    tail, z = 0.8, torch.linspace(-50, 50, 11, dtype=torch.float64)
    proposal = JohnsonSU(*(torch.tensor(v, dtype=torch.float64) for v in ([[1.0]], [[[2.0]]], [[tail]])))
    known = stats.johnsonsu(0, 1 / tail, loc=1, scale=2 / tail)
    np.testing.assert_allclose(proposal.log_prob(z[None, :, None])[0], known.logpdf(z.numpy()), rtol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_johnson_is_exact_far_out(dtype):
    tail = torch.tensor([[0.9]], dtype=dtype)
    proposal = JohnsonSU(torch.zeros_like(tail), torch.ones_like(tail)[None], tail)
    e = torch.tensor([1e-6, 0.1, 1.0, 9.0, 40.0, 90.0], dtype=dtype)
    z, log_q = proposal.draw(e[None, :, None])
    for i, value in enumerate(e.tolist()):
        a = mpmath.mpf(tail.item()) * mpmath.mpf(value)
        t = mpmath.sinh(a) / mpmath.mpf(tail.item())
        log_density = (
            -(mpmath.mpf(value) ** 2) / 2 - mpmath.log(2 * mpmath.pi) / 2 - mpmath.log(mpmath.cosh(a))
        )
        # sinh turns a relative error of a into one a times as large.
        assert abs(z[0, i, 0].item() / t - 1) <= (4 + 2 * a) * torch.finfo(dtype).eps
        assert abs(log_q[0, i].item() / log_density - 1) <= 8 * torch.finfo(dtype).eps


def test_a_mixture_of_two_kinds_is_refused():
    gaussian = DiagonalGaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    student = StudentT(torch.zeros(1, 2), torch.eye(2)[None], nu=5)
    with pytest.raises(NotApplicable, match="one kind"):
        Mixture(torch.zeros(1, 2), (gaussian, student))
    with pytest.raises(NotApplicable, match="one weight a component"):
        Mixture(torch.zeros(1, 3), (gaussian, gaussian))
