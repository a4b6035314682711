"""No value depends on what else is computed: other points, other replicates, the memory budget."""

import pytest
import torch

from evidence_bench.benchmarks.measuring.draws import Source
from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.randomness import KeyedDraws, keyed_generator

CASES = [
    ("iwae", "linear-gaussian", 50),
    ("iwae", "lognormal", 7),
    ("student-t", "linear-gaussian", 20),
    ("prior", "bernoulli-latents[latents=4]", 30),
    ("adaptive", "linear-gaussian", 400),
]


def source(estimator, model_name, points, memory=2**28, dtype=torch.float64):
    name, model = build_model(model_name)
    keys = tuple(keyed_generator(("data", name, i)) for i in range(points))
    x = model.simulate(points, KeyedDraws(keys, block=1)).x.to(dtype)
    sampler = build_estimator(estimator).sampler
    return Source(model, sampler, x, (0, name, repr(sampler)), memory)


def weights(source, replicates, k):
    parts = {}
    for chunk in source.chunks(replicates, k):
        parts[chunk.first_point, chunk.first_replicate] = chunk.log_w
    rows = sorted({p for p, _ in parts})
    return torch.cat([torch.cat([parts[key] for key in sorted(parts) if key[0] == p], 1) for p in rows])


@pytest.mark.parametrize(("estimator", "model", "k"), CASES)
def test_the_values_of_a_point_do_not_depend_on_the_others(estimator, model, k):
    few = weights(source(estimator, model, 2), 5, k)
    many = weights(source(estimator, model, 6), 5, k)
    torch.testing.assert_close(many[:2], few, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("estimator", "model", "k"), CASES)
def test_the_memory_budget_changes_no_value(estimator, model, k):
    large = weights(source(estimator, model, 5), 6, k)
    small = weights(source(estimator, model, 5, memory=20_000), 6, k)
    torch.testing.assert_close(small, large, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("estimator", "model", "k"), CASES)
def test_more_replicates_leave_the_first_as_they_were(estimator, model, k):
    few = weights(source(estimator, model, 3), 4, k)
    more = weights(source(estimator, model, 3), 9, k)
    torch.testing.assert_close(more[:, :4], few, rtol=0, atol=1e-6)


def test_float32_agrees_across_chunks_to_a_thousandth_of_a_nat():
    large = weights(source("iwae", "linear-gaussian", 5, dtype=torch.float32), 6, 50)
    small = weights(source("iwae", "linear-gaussian", 5, memory=20_000, dtype=torch.float32), 6, 50)
    torch.testing.assert_close(small, large, rtol=0, atol=1e-3)


@pytest.mark.parametrize(("estimator", "model", "k"), CASES)
def test_the_counted_cost_is_k_for_each_row(estimator, model, k):
    one = source(estimator, model, 3)
    counted = sum(chunk.evaluations for chunk in one.chunks(4, k))
    assert counted == 3 * 4 * k


@pytest.mark.parametrize(("estimator", "model", "k"), CASES)
def test_the_global_generator_is_left_alone(estimator, model, k):
    before = torch.get_rng_state()
    weights(source(estimator, model, 2), 2, k)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("key", [(1, "linear-gaussian"), (0, "other")])
def test_another_key_gives_other_draws(key):
    one = source("iwae", "linear-gaussian", 2)
    other = Source(one.model, one.sampler, one.x, key, one.memory)
    assert not torch.equal(weights(one, 2, 8), weights(other, 2, 8))
