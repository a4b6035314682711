"""Laws of every model: shapes, batching, the leading 1, keyed simulation, dtypes."""

from __future__ import annotations

import pytest
import torch

from evidence_bench.models.base import HasLogProb, Tractable
from evidence_bench.models.randomness import keyed_generator
from tests.models.instances import drawn, every_model, model_and_points

B, K = 3, 6


@every_model
def test_batched_equals_stacked(name):
    model, x, z, _ = drawn(name, B, K)
    together = model.log_joint(x, z)
    assert together.shape == (B, K)
    for b in range(B):
        alone = model.log_joint(x[b : b + 1], z[b : b + 1])
        torch.testing.assert_close(alone[0], together[b], rtol=1e-12, atol=1e-12)
        one = model.proposal(x[b : b + 1]).log_prob(z[b : b + 1])
        torch.testing.assert_close(one[0], model.proposal(x).log_prob(z)[b], rtol=1e-12, atol=1e-12)


@every_model
def test_one_grid_for_all_x_equals_a_copy_a_row(name):
    model, x, z, _ = drawn(name, B, K)
    grid, copies = z[:1], z[:1].expand(B, -1, -1)
    for density in (lambda z: model.log_joint(x, z), model.proposal(x).log_prob, model.prior(x).log_prob):
        assert density(grid).shape == (B, K)
        torch.testing.assert_close(density(grid), density(copies), rtol=1e-12, atol=1e-12)


@every_model
def test_log_q_of_a_draw_is_the_density_there(name):
    model, x, z, log_q = drawn(name, B, K)
    assert isinstance(model.proposal(x), HasLogProb)
    torch.testing.assert_close(model.proposal(x).log_prob(z), log_q, rtol=1e-9, atol=1e-9)


@every_model
def test_joint_is_prior_times_a_likelihood(name):
    """log_joint - log prior depends on x alone where z does not reach x, and is finite at prior draws."""
    model, x = model_and_points(name, B)
    prior = model.prior(x)
    z, log_prior = prior.draw(prior.noise(K, keyed_generator((name, "prior"))))
    likelihood = model.log_joint(x, z) - log_prior
    assert likelihood.isfinite().all()
    if x.shape[1] == 0:
        expected = model.log_evidence(x)[:, None].expand(B, K)
        torch.testing.assert_close(likelihood, expected, rtol=1e-12, atol=1e-12)


@every_model
def test_float32_follows_float64(name):
    model, x, z, _ = drawn(name, B, K)
    single = model.log_joint(x.float(), z.float())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), model.log_joint(x, z), rtol=1e-4, atol=1e-4)
    proposal = model.proposal(x.float())
    latents, _ = proposal.draw(proposal.noise(2, keyed_generator(("dtype",))))  # noise may be float64
    assert latents.dtype == torch.float32
    if isinstance(model, Tractable):
        assert model.log_evidence(x.float()).dtype == torch.float64


@every_model
def test_inputs_are_left_as_they_were(name):
    model, x, z, _ = drawn(name, B, K)
    before = x.clone(), z.clone()
    model.log_joint(x, z)
    if isinstance(model, Tractable):
        model.log_evidence(x)
    assert torch.equal(before[0], x)
    assert torch.equal(before[1], z)


@pytest.mark.parametrize("size", [1e3, 1e10, 1e38])
@pytest.mark.parametrize("name", ["digits-vae", "untrained-vae", "untrained-vae[layers=2]"])
def test_a_latent_far_out_has_a_legal_weight(name, size):
    model, x, z, _ = drawn(name, 2, 2)
    z = z.float()[:1]
    z[0, :, 0], z[0, :, -1] = torch.tensor([size, torch.inf]), torch.tensor([-size, -torch.inf])
    log_p = model.log_joint(x.float(), z)
    assert not log_p.isnan().any()
    assert (log_p[:, 1] == -torch.inf).all()
