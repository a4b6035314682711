"""Annealed importance sampling: both identities, cost, randomness, and the inverse that it starts from."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from evidence_bench.benchmarks.laws.cases import draws, replicates
from evidence_bench.estimators.base import Identity
from evidence_bench.estimators.counted import Counted
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.samplers.annealed import PILOT, Annealed
from evidence_bench.estimators.samplers.annealing import chain_cost, temperatures
from evidence_bench.models.distributions.ancestral_gaussian import AncestralGaussian
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.distributions.johnson_su import JohnsonSU
from evidence_bench.models.errors import BadOption, NotApplicable, NotBijective
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.weight_laws import LognormalLaw, TwoPointLaw
from evidence_bench.models.randomness import keyed_generator
from tests.references.shapes import SHAPES
from tests.samplers.instances import CORRELATED, SMALL, TOO_NARROW, data, log_mean
from tests.statistical import assert_mean

F64 = torch.float64
SHORT = Annealed(steps=6, leapfrogs=1, start="encoder")
K = PILOT.cost(5, 1) + 4 * chain_cost(6, 1)


def both_ways(model, rows, sampler=SHORT, k=K):
    """(log mean weight - log p(x), the same of the reciprocal weights, reversed) [rows]."""
    drawn = model.simulate(rows, keyed_generator((1,)))
    truth = model.log_evidence(drawn.x)
    log_w = sampler(model, drawn.x, k, keyed_generator((2,))).log_w
    reverse = sampler.reverse(model, drawn.x, drawn.z, k, keyed_generator((3,))).log_w
    return log_mean(log_w) - truth, log_mean(-reverse) + truth


@pytest.mark.parametrize("model", [SMALL, TOO_NARROW], ids=repr)
def test_weights_average_to_the_evidence_and_reversed_to_its_reciprocal(model):
    forward, backward = both_ways(model, 4000)
    assert_mean(forward.exp().numpy(), 1.0, sees=0.1)
    assert_mean(backward.exp().numpy(), 1.0, sees=0.1)
    assert Annealed.identity is Identity.EVIDENCE


def test_the_truth_lies_between_forward_and_reverse_in_expectation():
    """CORRELATED, few temperatures: the mean gaps are 6 standard errors and more from 0."""
    forward, backward = both_ways(CORRELATED, 500)
    for below in (forward, backward):  # the upper bound is -log of the mean reciprocal weight
        assert below.mean() < -6 * below.std() / math.sqrt(len(below))


def test_more_temperatures_close_the_gap():
    gaps = []
    for steps in (5, 40):
        sampler = Annealed(steps, 1, "encoder")
        forward, backward = both_ways(
            CORRELATED, 100, sampler, PILOT.cost(steps - 1, 1) + 4 * chain_cost(steps, 1)
        )
        gaps.append(-(forward + backward).mean())
    assert 0 < gaps[1] < 0.5 * gaps[0]


def test_no_length_of_trajectory_leaves_a_coordinate_as_large_as_it_is():
    """256 chains to a Gaussian, from 2.5 times its width, through all frequencies between.

    The sd of their log weights is .17; where all trajectories have one length it is .60. Of so few chains it
    is known to 10%.
    """
    model = SHAPES["gaussian, 6"]
    x, sampler = model.data(64), Annealed(1000, 4, width=2.0)
    k = sampler.cost(NoiseSpace(model, x[:1]), 4)
    log_w = sampler(model, x, k, torch.Generator().manual_seed(0)).log_w - x[:, :1]
    assert log_w.shape == (64, 4)
    assert log_w.std() < 0.3


def test_from_the_mode_of_a_gaussian_posterior_every_weight_is_the_evidence():
    x = data(CORRELATED, 3)
    log_w = Annealed(steps=8, start="laplace")(CORRELATED, x, 2600, keyed_generator((1,))).log_w
    torch.testing.assert_close(log_w, CORRELATED.log_evidence(x)[:, None].expand_as(log_w))


@pytest.mark.parametrize("sampler", [Annealed(), Annealed(30, 1), Annealed(10, 3, "laplace")], ids=repr)
@pytest.mark.parametrize("chains", [1, 3])
def test_the_counted_cost_is_the_declared_one(sampler, chains):
    x = data(CORRELATED, 3)
    counted = Counted(CORRELATED)
    k = sampler.cost(NoiseSpace(counted, x), chains)
    log_w = sampler(counted, x, k, keyed_generator((1,))).log_w
    assert log_w.shape == (3, chains)
    assert counted.evaluations == 3 * k
    counted.evaluations = 0
    sampler(counted, x, k + 5, keyed_generator((1,)))
    assert counted.evaluations == 3 * k


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_same_generator_same_bytes_in_every_mode_of_torch(mode):
    x = data(CORRELATED, 3)
    expected = SHORT(CORRELATED, x, K, keyed_generator((5,))).log_w
    with mode():
        assert torch.equal(SHORT(CORRELATED, x, K, keyed_generator((5,))).log_w, expected)
    assert not torch.equal(SHORT(CORRELATED, x, K, keyed_generator((6,))).log_w, expected)


def test_rows_and_replicates_do_not_depend_on_the_others():
    x = data(CORRELATED, 3)
    together = SHORT(CORRELATED, x, K, draws(3, 64)).log_w
    alone = type(draws(1, 64))(draws(3, 64).generators[1:2], 64)
    torch.testing.assert_close(SHORT(CORRELATED, x[1:2], K, alone).log_w, together[1:2], rtol=0, atol=1e-9)
    few, many = (
        SHORT(CORRELATED, x.repeat_interleave(take, 0), K, replicates(3, 4, take)).log_w.view(3, take, -1)
        for take in (2, 3)
    )
    torch.testing.assert_close(few, many[:, :2], rtol=0, atol=1e-9)


def _proposals():
    def normal(*shape):
        return torch.randn(*shape, generator=keyed_generator(shape), dtype=F64)

    chol = torch.linalg.cholesky(torch.eye(3, dtype=F64) + 0.3)[None].expand(2, 3, 3)

    def layer(z):
        return z.tanh()[..., :2], 0.3 * z.sin()[..., :2]

    yield DiagonalGaussian(normal(2, 3), 0.3 * normal(2, 3))
    yield JohnsonSU(normal(2, 3), chol, 0.5 + normal(2, 3).abs())
    yield AncestralGaussian(normal(2, 3), normal(2, 3), (layer,), (2,))
    yield AncestralGaussian(normal(2, 3), normal(2, 3), (layer,), (2,), top_first=True)


@pytest.mark.parametrize("proposal", list(_proposals()), ids=lambda p: type(p).__name__)
def test_noise_of_inverts_draw(proposal):
    e = proposal.noise(5, keyed_generator((1,)))
    torch.testing.assert_close(proposal.noise_of(proposal.draw(e)[0]), e)


@pytest.mark.parametrize("steps", [2, 3, 1000])
def test_temperatures_rise_from_0_to_1(steps):
    betas = temperatures(steps)
    assert len(betas) == steps + 1
    assert (betas[0], betas[-1]) == (0.0, 1.0)
    assert all(low < high for low, high in pairwise(betas))


def test_refusals():
    x = data(SMALL, 2)
    with pytest.raises(NotApplicable, match=f"at least {Annealed().min_k}.*raise K"):
        Annealed()(SMALL, x, Annealed().min_k - 1, keyed_generator((1,)))
    with pytest.raises(NotApplicable, match=r"curvature.*start=encoder"):
        Annealed(start="laplace")(LognormalLaw(), data(LognormalLaw(), 2), 4000, keyed_generator((1,)))
    with pytest.raises(NotBijective):
        Annealed()(TwoPointLaw(), data(TwoPointLaw(), 2), 4000, keyed_generator((1,)))
    wide = LinearGaussian(latents=40, observed=40)
    with pytest.raises(NotApplicable, match="raise K"):
        Annealed(start="laplace")(wide, data(wide, 2), Annealed().min_k, keyed_generator((1,)))


@pytest.mark.parametrize("options", [{"steps": 1}, {"leapfrogs": 0}, {"start": "mode"}], ids=str)
def test_bad_options_are_refused(options):
    with pytest.raises(BadOption, match=next(iter(options))):
        Annealed(**options)
