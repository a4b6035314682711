"""Laws of every sampler: cost, shape, determinism, exactness, refusals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch

from evidence_bench.benchmarks.laws.cases import Case
from evidence_bench.benchmarks.laws.law import Says
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject
from evidence_bench.benchmarks.laws.samplers import SAMPLER_LAWS
from evidence_bench.estimators.counted import Counted
from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.estimators.samplers.student_t import StudentT
from evidence_bench.models.errors import BadOption, BadWeights, NotApplicable, NotBijective
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.weight_laws import GammaLaw, LognormalLaw, TwoPointLaw
from evidence_bench.models.randomness import keyed_generator
from tests.samplers.instances import IN_NOISE_SPACE, ORACLES, SAMPLERS, SMALL, data, log_mean
from tests.statistical import assert_mean

ROUNDING = 1e-9  # nats in float64; matrix products of other shapes round otherwise
CASES = tuple(Case(repr(model), model) for model in ORACLES)
pytestmark = pytest.mark.usefixtures("_no_grad")


@pytest.fixture
def _no_grad():
    with torch.no_grad():
        yield


@pytest.mark.parametrize("law", SAMPLER_LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_every_law_holds(sampler, law):
    outcome = law(SamplerSubject(repr(sampler), sampler, CASES, ROUNDING))
    if outcome.says is Says.SILENT:
        pytest.skip(f"{sampler!r}: {outcome.sentence}")
    assert outcome.says is Says.HOLDS, outcome.sentence


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
