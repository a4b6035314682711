"""Laws of estimators, over the whole catalogue."""

import math

import pytest
import torch
from scipy import stats

from evidence_bench.estimators.base import Bound
from evidence_bench.estimators.catalogue import ESTIMATORS, build_estimator
from evidence_bench.estimators.counted import Counted
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import keyed_generator

NAMES = [entry.name for entry in ESTIMATORS]


def k_of(estimator):
    """512, or the least that it takes."""
    return max(512, estimator.min_k)


def points(model, n=3):
    return model.simulate(n, keyed_generator(("points",))).x


@pytest.fixture(scope="module")
def oracle():
    return build_model("linear-gaussian")[1]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_generator_gives_the_same_result(name, oracle):
    estimator, x = build_estimator(name), points(oracle)
    first, second = (estimator(oracle, x, k_of(estimator), keyed_generator((name,))) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (3,)
    assert first.dtype == torch.float64


@pytest.mark.parametrize("name", NAMES)
def test_the_counted_cost_is_k_for_each_point_or_less_where_weights_cost_more_than_one(name, oracle):
    counted, estimator = Counted(oracle), build_estimator(name)
    k = k_of(estimator)
    estimator(counted, points(oracle), k, keyed_generator((name,)))
    assert counted.evaluations == 3 * k if estimator.sampler.iid else 0 < counted.evaluations <= 3 * k


@pytest.mark.parametrize("name", NAMES)
def test_the_input_is_left_as_it_was(name, oracle):
    x = points(oracle)
    before = x.clone()
    estimator = build_estimator(name)
    estimator(oracle, x, k_of(estimator), keyed_generator((name,)))
    assert torch.equal(x, before)


@pytest.mark.parametrize("name", NAMES)
def test_a_k_below_the_minimum_is_refused(name, oracle):
    estimator = build_estimator(name)
    with pytest.raises(NotApplicable, match="raise K"):
        estimator(oracle, points(oracle), estimator.min_k - 1, keyed_generator((name,)))


@pytest.mark.parametrize("name", NAMES)
def test_a_lower_bound_does_not_exceed_the_truth_by_much(name, oracle):
    """300 estimates, none more than 2 nats above log p(x).

    What this is for are gross errors of level: without its -log K an estimate is log 512 = 6.2 nats too high,
    with sums in place of means by more. Right ones stay below .6 nats here, so the limit does not hang on the
    seed. It is no test of a small bias; tests/bench/test_truths.py has those.
    """
    estimator = build_estimator(name)
    if estimator.bound is not Bound.LOWER:
        pytest.skip(f"{name} declares {estimator.bound}")
    x = points(oracle).repeat(100, 1)
    estimates = estimator(oracle, x, k_of(estimator), keyed_generator((name, "bound")))
    assert (estimates - oracle.log_evidence(x)).max() < 2


def exact_expectation(name, k, ratio, p):
    """E of the reducer on K weights that are ratio with probability p and 1 otherwise: K + 1 terms."""
    high = torch.arange(k)[None, :] < torch.arange(k + 1)[:, None]
    log_w = torch.where(high, math.log(ratio), 0.0).double()
    probabilities = torch.from_numpy(stats.binom.pmf(range(k + 1), k, p))
    return float((build_estimator(name).reducer(log_w) * probabilities).sum())


@pytest.mark.parametrize(("ratio", "p"), [(10.0, 0.1), (0.01, 0.5), (1e6, 0.3)])
def test_elbo_iwae_k_iwae_2k_truth_are_in_order(ratio, p):
    truth = math.log(1 - p + p * ratio)
    levels = [exact_expectation("elbo", 4, ratio, p)]
    levels += [exact_expectation("iwae", k, ratio, p) for k in (2, 4, 8, 16, 32)]
    assert all(low < high for low, high in zip(levels, [*levels[1:], truth], strict=True))


def test_iwae_with_one_sample_is_the_elbo():
    assert exact_expectation("iwae", 1, 10.0, 0.1) == pytest.approx(
        exact_expectation("elbo", 1, 10.0, 0.1), abs=1e-15
    )


def test_a_sampler_under_another_reducer_is_an_estimator():
    estimator = build_estimator("student-t[nu=7.0]+jvi:order=2")
    assert estimator.name == "student-t[nu=7]+jvi[order=2]"
    assert estimator.reducer == build_estimator("jvi[order=2]").reducer
    assert estimator.sampler == build_estimator("student-t[nu=7.0]").sampler


def test_weights_that_are_not_iid_are_refused_by_the_jackknife():
    with pytest.raises(NotApplicable, match="independent"):
        build_estimator("adaptive+jvi")
