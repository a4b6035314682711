"""The laws find each planted fault, by its own law, and nothing in what is right."""

from __future__ import annotations

import pytest

from evidence_bench.benchmarks.laws.cases import small_cases
from evidence_bench.benchmarks.laws.estimator_study import ESTIMATOR_LAWS, EstimatorSubject
from evidence_bench.benchmarks.laws.model_subject import ModelSubject
from evidence_bench.benchmarks.laws.models import MODEL_LAWS
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject
from evidence_bench.benchmarks.laws.reducers import REDUCER_LAWS
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject
from evidence_bench.benchmarks.laws.samplers import SAMPLER_LAWS
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.estimators.samplers.proposal import FromProposal
from tests.check import planted

CASES = tuple(case for case in small_cases() if "linear" in case.name or case.name == "lognormal[s2=0.25]")


def broken(laws, subject):
    """The names of the laws that fail."""
    return {law.name for law in laws if law(subject).fails}


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        (planted.Overshoots, "bound"),
        (planted.WrongOrder, "order"),
        (planted.NeedsIid, "dependent weights"),
        (planted.WrongSeries, "expansion"),
        (planted.Lopsided, "symmetric"),
        (planted.Scaled, "shift"),
        (planted.NanOnZero, "weights of zero"),
        (planted.Single, "float64"),
        (planted.OtherSums, "measured as itself"),
    ],
)
def test_a_fault_of_a_reducer_is_found(kind, law):
    assert law in broken(REDUCER_LAWS, ReducerSubject(kind.__name__, kind()))


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        (planted.Dear, "cost"),
        (planted.Twice, "cost"),
        (planted.PastTheDoor, "cost"),
        (planted.Inexact, "exact proposal"),
    ],
)
def test_a_fault_of_a_sampler_is_found(kind, law):
    assert law in broken(SAMPLER_LAWS, SamplerSubject(kind.__name__, kind(), CASES))


@pytest.mark.parametrize(("kind", "law"), [(planted.Twice, "iid"), (planted.Biased, "mean weight")])
def test_a_fault_that_only_draws_show_is_found(kind, law):
    """At 200 x 8 replicates of 64 weights: a ratio of 2 is 27 errors from 1, 10% are 20 errors."""
    subject = EstimatorSubject("planted", Estimator("planted", kind(), LogMeanExp()), CASES)
    assert law in broken(ESTIMATOR_LAWS, subject)


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        (planted.LacksConstant, "joint"),
        (planted.WrongEvidence, "evidence"),
        (planted.WrongDensity, "density"),
        (planted.WrongGradient, "curvature"),
    ],
)
def test_a_fault_of_a_model_is_found(kind, law):
    assert law in broken(MODEL_LAWS, ModelSubject(kind.__name__, kind()))


def test_nothing_is_found_in_what_is_right():
    """The built-in reducers, samplers and small models are in tests of their own."""
    iwae = EstimatorSubject("iwae", Estimator("iwae", FromProposal(), LogMeanExp()), CASES)
    assert not broken(ESTIMATOR_LAWS, iwae)
    assert not broken(MODEL_LAWS, ModelSubject("known", planted.Known()))
