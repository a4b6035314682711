"""Keys and blocks: the whole key counts, and nothing else that is computed changes a draw."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from evidence_bench.models.parallel import for_each
from evidence_bench.models.randomness import (
    STREAM_VALUES,
    KeyedDraws,
    KeyedReplicates,
    keyed_generator,
    standard_gamma,
    standard_normal,
    standard_uniform,
)

CPU, DOUBLE = torch.device("cpu"), torch.float64
FIRST_OF_LARGE, NEXT_OF_LARGE = -0.67427540, 0.23276156  # of seed 7, whatever the number of threads


def _gamma(generator, rows, k, d, dtype, device):
    return standard_gamma(generator, 0.7, rows, k, d, dtype, device)


SAMPLES = [standard_normal, standard_uniform, _gamma]


def _draws(*key):
    return torch.rand(8, generator=keyed_generator(key), dtype=DOUBLE)


@pytest.mark.parametrize("other", [5 + 2**32, 5 + 2**33, 5 + 2**63, 5 + 2**64, 6, -5, "5"])
def test_keys_that_differ_above_bit_32_draw_different_numbers(other):
    assert torch.equal(_draws("seed", 5), _draws("seed", 5))
    assert not torch.equal(_draws("seed", 5), _draws("seed", other))


def test_parts_of_a_key_are_not_run_together():
    assert not torch.equal(_draws("ab", "c"), _draws("a", "bc"))
    assert not torch.equal(_draws(1, 23), _draws(12, 3))


def test_cpu_stream_is_the_mersenne_twister_with_the_hash_as_its_words():
    key = ("a key", 2**40)
    words = np.frombuffer(hashlib.shake_256(repr(key).encode()).digest(4 * 624), dtype="<u4")
    twister = np.random.MT19937()
    twister.state = {"bit_generator": "MT19937", "state": {"key": words.astype(np.uint32), "pos": 624}}
    raw = twister.random_raw(2000).astype(np.int64)
    expected = torch.from_numpy(raw % 2**24) / 2**24
    drawn = torch.rand(2000, generator=keyed_generator(key), dtype=torch.float32)
    assert torch.equal(drawn.double(), expected.double())


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("k", [1, 3, 15, 16, 17, 64])
def test_fewer_draws_are_the_first_of_more(sample, k):
    def draws(k, points):
        keys = tuple(keyed_generator(("point", i)) for i in points)
        return sample(KeyedDraws(keys, block=64), len(points), k, 2, DOUBLE, CPU)

    every = draws(64, [0, 1, 2])
    assert torch.equal(draws(k, [0, 1, 2]), every[:, :k])
    assert torch.equal(draws(k, [2]), every[2:, :k])


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("take", [1, 5, 8])
def test_fewer_replicates_are_the_first_of_more(sample, take):
    def draws(take):
        keys = tuple(keyed_generator(("point", i)) for i in range(2))
        return sample(KeyedReplicates(keys, block=8, take=take), 2 * take, 3, 2, DOUBLE, CPU)

    every = draws(8).reshape(2, 8, 3, 2)
    assert torch.equal(draws(take).reshape(2, take, 3, 2), every[:, :take])


@pytest.mark.parametrize("sample", SAMPLES)
def test_draws_after_a_skip_are_those_that_follow(sample):
    """What begins at draw 5 of a block is what the whole block holds from there on."""

    def draws(k, skip):
        keys = tuple(keyed_generator(("point", i)) for i in range(3))
        return sample(KeyedDraws(keys, 64, skip), 3, k, 2, DOUBLE, CPU)

    assert torch.equal(draws(7, 5), draws(64, 0)[:, 5:12])
    assert not torch.equal(draws(7, 5), draws(7, 0))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_global_generator_is_not_touched(sample):
    before = torch.get_rng_state()
    sample(keyed_generator(("key",)), 2, 3, 4, DOUBLE, CPU)
    assert torch.equal(before, torch.get_rng_state())


def test_a_block_that_is_too_small_is_an_error():
    keys = (keyed_generator(("key",)),)
    with pytest.raises(ValueError, match="blocks of 4"):
        standard_normal(KeyedDraws(keys, block=4), 1, 5, 1, DOUBLE, CPU)
    with pytest.raises(ValueError, match="2 rows"):
        standard_normal(KeyedDraws(keys, block=4), 2, 3, 1, DOUBLE, CPU)
    with pytest.raises(ValueError, match="rows"):
        standard_normal(KeyedReplicates(keys, block=4, take=2), 3, 3, 1, DOUBLE, CPU)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_large_fills_do_not_depend_on_the_number_of_threads(threads):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        generator = torch.Generator().manual_seed(7)
        large = standard_normal(generator, 3, 50_000, 2, torch.float32, CPU)
        after = torch.rand(1, generator=generator)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert large.shape == (3, 50_000, 2)
    assert float(large[0, 0, 0]) == pytest.approx(FIRST_OF_LARGE)
    assert abs(float(large.mean())) < 5 / large.numel() ** 0.5  # false-fail rate 6e-7, fixed seed
    assert abs(float(large.var()) - 1) < 5 * (2 / large.numel()) ** 0.5
    assert float(after) == pytest.approx(NEXT_OF_LARGE)


def test_streams_of_one_generator_differ():
    generator = torch.Generator().manual_seed(7)
    values = standard_normal(generator, 1, 4 * STREAM_VALUES, 1, torch.float64, CPU).view(4, -1)
    assert (values.corrcoef() - torch.eye(4)).abs().max() < 5 / STREAM_VALUES**0.5
    again = standard_normal(generator, 1, 4 * STREAM_VALUES, 1, torch.float64, CPU).view(4, -1)
    assert not torch.equal(values, again)


def test_parallel_work_keeps_inference_mode_and_raises_its_errors():
    with torch.inference_mode():
        noise = standard_normal(torch.Generator(), 1, 4 * STREAM_VALUES, 1, torch.float32, CPU)
    assert noise.is_inference()

    def fails(item):
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item"):
        for_each(fails, range(4))


def test_each_thread_of_parallel_work_keeps_to_one_core():
    found = []

    def look(_item):
        torch.ones(1_000_000).mul_(2).sum()  # large enough for torch to ask how many threads it has
        found.append(torch.get_num_threads())

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        for_each(look, range(8))
        assert found == [1] * 8
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
