"""A look at a plug-in's samplers and reducers, and at the prior that a sampler draws from."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal

from evidence_bench.benchmarks.looking import Looks, look_at_reducer, look_at_sampler
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.catalogue import ESTIMATORS, build_estimator
from evidence_bench.estimators.function import is_built_in, reducer_from, sampler_from
from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.estimators.samplers.annealed import Annealed
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.randomness import keyed_generator
from tests.looking.broken import REDUCERS, RIGHT_SAMPLERS, SAMPLERS, Right

EVERY = [build_estimator(entry.name) for entry in ESTIMATORS]


def found(seen, words):
    (said,) = seen.findings
    assert said.startswith(("The sampler", "The reducer"))
    assert not [word for word in words if word not in said], said
    return True


@pytest.mark.parametrize("case", SAMPLERS)
def test_a_sampler_is_named_with_its_remedy_and_the_model_is_not(case):
    sampler, words = SAMPLERS[case]
    seen = look_at_sampler("mine", sampler, Right(), Right().data(5), 64)
    assert found(seen, words)
    assert "log_joint of" not in seen.findings[0]
    assert seen.evaluations <= 6 * 4


@pytest.mark.parametrize("case", RIGHT_SAMPLERS)
def test_a_right_sampler_passes(case):
    assert look_at_sampler("mine", RIGHT_SAMPLERS[case], Right(), Right().data(5), 64).findings == []


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sampler", [*dict.fromkeys(e.sampler for e in EVERY), Annealed(10)], ids=repr)
def test_built_in_samplers_would_pass(sampler, dtype):
    _, model = build_model("linear-gaussian")
    x = model.simulate(3, keyed_generator(("x",))).x.to(dtype)
    assert look_at_sampler("mine", sampler, model, x, max(400, sampler.min_k)).findings == []


@pytest.mark.parametrize("case", REDUCERS)
def test_a_reducer_is_named_with_its_remedy(case):
    reducer, words = REDUCERS[case]
    assert found(look_at_reducer("mine", reducer, 8), words)


@pytest.mark.parametrize("reducer", [e.reducer for e in EVERY], ids=repr)
def test_built_in_reducers_would_pass(reducer):
    for k in {reducer.min_k, 8, 64}:
        assert look_at_reducer("mine", reducer, k).findings == []


def test_what_a_half_raises_is_left_to_the_measurement():
    def raises(*arguments):
        raise RuntimeError("no such luck")

    assert look_at_reducer("mine", reducer_from(raises)(), 8).findings == []
    assert look_at_sampler("mine", sampler_from(raises)(), Right(), Right().data(2), 4).findings == []


def test_only_halves_of_others_are_looked_at():
    for estimator in EVERY:
        assert is_built_in(estimator.sampler)
        assert is_built_in(estimator.reducer)
    for half in (reducer_from(len)(), sampler_from(len)(), REDUCERS["order"][0], SAMPLERS["numpy"][0]):
        assert not is_built_in(half)
    assert is_built_in(reducer_from(LogMeanExp)())


class Priors(Right):
    """The right model with another prior, which its log_joint does not use."""

    def __init__(self, prior):
        object.__setattr__(self, "given", prior)

    def prior(self, x):
        return self.given(x)

    def log_joint(self, x, z):
        return DiagonalGaussian(0 * x, 0 * x).log_prob(z) + self.likelihood(x, z)


@pytest.mark.parametrize(
    ("prior", "says"),
    [
        (lambda x: Normal(0 * x, 1 + 0 * x), "prior(x) of Priors returned a torch.distributions.Normal"),
        (lambda x: DiagonalGaussian(0 * x[:1], 0 * x[:1]), "a row of parameters for each data point"),
        (lambda x: DiagonalGaussian(torch.randn_like(x), 0 * x), "prior(x) of 'mine' is random"),
    ],
)
def test_a_prior_that_is_none_costs_the_estimators_that_draw_from_it_alone(prior, says):
    model, names = Priors(prior), ("iwae", "prior", "student-t")
    looks = Looks({name: build_estimator(name) for name in names}, True, {})
    x = model.data(4)
    assert looks.of_model("mine", model, x) == []
    failed = looks.of_estimators("mine", model, x, [Cell("mine", name, k) for name in names for k in (4, 8)])
    assert list(failed) == ["prior"]
    assert says in failed["prior"]


def test_each_half_is_told_apart_from_the_other():
    """One sampler under two reducers, one reducer over two samplers: only what is wrong fails."""
    wrong, right = SAMPLERS["global generator"][0], RIGHT_SAMPLERS["unchanged"]
    order = REDUCERS["order"][0]
    estimators = [
        Estimator("both", wrong, order),
        Estimator("sampler", wrong, LogMeanExp()),
        Estimator("reducer", FromProposal(), order),
        Estimator("neither", right, LogMeanExp()),
    ]
    looks = Looks({e.name: e for e in estimators}, True, record := {})
    model = Right()
    looks.of_model("mine", model, model.data(4))
    failed = looks.of_estimators("mine", model, model.data(4), [Cell("mine", e.name, 8) for e in estimators])
    assert set(failed) == {"both", "sampler", "reducer"}
    assert failed["sampler"].startswith("The sampler of 'sampler'")
    assert failed["reducer"].startswith("The reducer of 'reducer'")
    assert record["mine"]["estimators"] == failed
    assert 60 < record["mine"]["evaluations"] < 200
