"""Laws of every sampler: cost, shape, determinism, exactness, refusals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch

from estimators.base import Identity
from estimators.counted import Counted
from estimators.samplers.adaptive import Adaptive
from estimators.samplers.student_t import StudentT
from models.errors import BadOption, BadWeights, NotApplicable, NotBijective
from models.oracles.linear_gaussian import LinearGaussian
from models.oracles.weight_laws import GammaLaw, LognormalLaw, TwoPointLaw
from models.randomness import keyed_generator
from tests.samplers.instances import (
    CORRELATED,
    IID,
    IN_NOISE_SPACE,
    ORACLES,
    SAMPLERS,
    SMALL,
    Truncated,
    data,
    draws,
    log_mean,
    replicates,
)
from tests.statistical import assert_mean

ROUNDING = 1e-9  # nats in float64; matrix products of other shapes round otherwise
pytestmark = pytest.mark.usefixtures("_no_grad")


@pytest.fixture
def _no_grad():
    with torch.no_grad():
        yield


def _pairs():
    for sampler in SAMPLERS:
        for model in ORACLES:
            if sampler not in IN_NOISE_SPACE or model.proposal(data(model, 1)).bijective:
                yield pytest.param(sampler, model, id=f"{sampler!r}-{model!r}")


@pytest.mark.parametrize(("sampler", "model"), list(_pairs()))
def test_counted_cost_is_k_for_each_row(sampler, model):
    x, k = data(model, 3), 256
    counted = Counted(model)
    log_w = sampler(counted, x, k, keyed_generator((1,))).log_w
    assert counted.evaluations == 3 * k
    assert log_w.dtype == torch.float64
    assert len(log_w) == 3
    assert log_w.shape[1] == k if sampler.iid else log_w.shape[1] <= k


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_same_generator_same_bytes(sampler):
    x = data(CORRELATED, 4)
    one, two = (sampler(CORRELATED, x, 300, keyed_generator((5,))).log_w for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, sampler(CORRELATED, x, 300, keyed_generator((6,))).log_w)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_a_replicate_does_not_depend_on_how_many_are_taken(sampler):
    points, k = 3, 256
    x = data(CORRELATED, points)
    few, many = (
        sampler(CORRELATED, x.repeat_interleave(take, 0), k, replicates(points, 8, take)).log_w
        for take in (2, 5)
    )
    few, many = few.view(points, 2, -1), many.view(points, 5, -1)
    assert torch.equal(few.isinf(), many[:, :2].isinf())
    torch.testing.assert_close(few, many[:, :2], rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_a_row_does_not_depend_on_the_others(sampler):
    x = data(CORRELATED, 4)
    together = sampler(CORRELATED, x, 256, draws(4, 256)).log_w
    alone = draws(4, 256).generators[2:3]
    one = sampler(CORRELATED, x[2:3], 256, type(draws(1, 1))(alone, 256)).log_w
    torch.testing.assert_close(together[2:3], one, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("sampler", IID, ids=repr)
def test_fewer_draws_are_the_first_ones(sampler):
    x = data(CORRELATED, 3)
    many, few = (sampler(CORRELATED, x, k, draws(3, 128)).log_w for k in (100, 30))
    torch.testing.assert_close(many[:, :30], few, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("sampler", [s for s in SAMPLERS if s.exact_if_proposal_exact], ids=repr)
def test_a_perfect_proposal_gives_constant_weights(sampler):
    perfect = LinearGaussian(latents=6, observed=12, shift=0.0, scale=1.0, diagonal=False)
    x = data(perfect, 5)
    log_w = sampler(perfect, x, 50, keyed_generator((1,))).log_w
    torch.testing.assert_close(log_w, perfect.log_evidence(x)[:, None].expand_as(log_w), rtol=0, atol=1e-10)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_float32_models_give_float64_weights_of_the_same_evidence(sampler):
    x = data(SMALL, 400)
    log_w = sampler(SMALL, x.float(), 256, keyed_generator((1,))).log_w
    assert log_w.dtype == torch.float64
    assert_mean((log_mean(log_w) - SMALL.log_evidence(x)).exp().numpy(), 1.0, sees=0.1)


@pytest.mark.parametrize("sampler", IN_NOISE_SPACE, ids=repr)
@pytest.mark.parametrize("model", [GammaLaw(), TwoPointLaw()], ids=repr)
def test_noise_space_refuses_a_proposal_that_is_no_bijection(sampler, model):
    with pytest.raises(NotBijective, match=rf"{type(model).__name__}.*use 'iwae'"):
        sampler(Counted(model), data(model, 2), 256, keyed_generator((1,)))


def test_adaptive_refuses_few_evaluations():
    with pytest.raises(NotApplicable, match="at least 200, not 199; raise K"):
        Adaptive()(SMALL, data(SMALL, 2), 199, keyed_generator((1,)))


def test_adaptive_refuses_a_laplace_start_without_curvature():
    model = LognormalLaw()
    with pytest.raises(NotApplicable, match=r"curvature.*start=encoder"):
        Adaptive(start="laplace")(model, data(model, 2), 256, keyed_generator((1,)))


def test_adaptive_refuses_a_laplace_start_that_leaves_no_draws():
    model = LinearGaussian(latents=40, observed=40)
    with pytest.raises(NotApplicable, match="raise K to 277 or more"):
        Adaptive(start="laplace")(model, data(model, 2), 256, keyed_generator((1,)))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Adaptive, {"start": "mode"}),
        (Adaptive, {"inflation": 0.0}),
        (Adaptive, {"defensive": 1.0}),
        (Adaptive, {"nu": -1.0}),
        (StudentT, {"nu": 0.0}),
        (StudentT, {"inflation": -1.0}),
    ],
)
def test_bad_options_are_refused(kind, options):
    with pytest.raises(BadOption, match=next(iter(options))):
        kind(**options)


@dataclass(frozen=True)
class _Broken(LognormalLaw):
    value: float = math.nan

    def log_joint(self, x, z):
        log_p = super().log_joint(x, z)
        log_p[1, 0] = self.value
        return log_p


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_weights_that_are_no_weights_are_errors_that_name_the_row(sampler, value):
    model = _Broken(value=value)
    with pytest.raises(BadWeights, match=r"1 of 3 rows of x \(1\)"):
        sampler(model, data(model, 3), 256, keyed_generator((1,)))


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_weights_of_zero_are_kept(sampler):
    model = Truncated()
    log_w = sampler(model, data(model, 3), 512, keyed_generator((1,))).log_w
    assert log_w.isneginf().any()
    assert log_w.isfinite().any(dim=-1).all()


@dataclass(frozen=True)
class _Nowhere(LognormalLaw):
    def log_joint(self, x, z):
        return torch.where(x.new_tensor([[1.0], [0.0]]) > 0, super().log_joint(x, z), -math.inf)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_a_row_without_any_weight_is_zero_and_harms_no_other(sampler):
    model = _Nowhere()
    log_w = sampler(model, data(model, 2), 512, keyed_generator((1,))).log_w
    whole = sampler(LognormalLaw(), data(model, 2), 512, keyed_generator((1,))).log_w
    assert log_w[1].isneginf().all()
    torch.testing.assert_close(log_w[0], whole[0], rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_the_declarations_are_complete(sampler):
    assert sampler.identity in Identity
    assert bool(sampler.breaks) == (sampler.identity is Identity.NONE)
    assert sampler.min_k >= 1
    assert hash(sampler) == hash(type(sampler)(**vars(sampler)))
