"""The same seed gives the same bytes, another seed others, and nothing else of the process is changed."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
import torch

from evidence_bench.models.training import Training, train
from evidence_bench.models.training.loop import flushed_denormals
from evidence_bench.models.vaes import checkpoint
from tests.training.tiny import QUICK, bits, iwae, named, same, tiny, trained

NAME = "digits-iwae4-2d.safetensors"


def test_the_seed_decides_the_bytes(tmp_path):
    for folder, seed in (("first", 5), ("again", 5), ("other", 6)):
        assert trained(tmp_path / folder, "--passes", "1", "--seed", seed, *QUICK) == 0
    first, again, other = ((tmp_path / folder / NAME).read_bytes() for folder in ("first", "again", "other"))
    assert first == again
    tensors = [checkpoint.load(tmp_path / folder / NAME)[0] for folder in ("first", "other")]
    assert not any(torch.equal(tensors[0][name], tensors[1][name]) for name in tensors[0])
    assert first != other


def test_dynamic_binarisation_too(tmp_path):
    arguments = ("--passes", "2", "--binarisation", "dynamic", *QUICK)
    for folder in ("first", "again"):
        assert trained(tmp_path / folder, *arguments) == 0
    assert (tmp_path / "first" / NAME).read_bytes() == (tmp_path / "again" / NAME).read_bytes()


@pytest.mark.parametrize("kind", ["one layer", "two layers", "Johnson"])
@pytest.mark.parametrize("name", ["elbo", "iwae", "jvi", "prior", "iwae-kl"])
def test_other_seeds_give_other_weights_from_the_same_start(name, kind):
    def weights(seed):
        options = Training(1, seed, batch=16)
        return train(
            tiny(kind), lambda _: bits(60), bits(20), named(name, 3), options, lambda _: None
        ).model.state_dict()

    assert same(weights(1), weights(1))
    assert not same(weights(1), weights(2))


def _surroundings():
    """All that a careless training could change in its process, but for the number of threads."""
    return (
        torch.get_rng_state().tolist(),
        repr(np.random.get_state()),  # noqa: NPY002  the global generator is what must not change
        random.getstate(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        sys.float_info.min / 2,  # 0 where denormals are flushed
        float(torch.full((100,), 1e-40).mul(0.5).sum()),
    )


def test_the_command_leaves_its_surroundings_alone(tmp_path):
    before = _surroundings()
    assert trained(tmp_path, "--passes", "1", *QUICK) == 0
    assert _surroundings() == before
    assert sys.float_info.min / 2 > 0


def test_the_command_puts_the_number_of_threads_back(tmp_path):
    torch.set_num_threads(2)
    assert trained(tmp_path, "--passes", "1", *QUICK) == 0
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("before", [False, True])
def test_denormals_are_flushed_inside_and_as_before_outside(before):
    def flushed():
        return float(torch.full((100,), 1e-40).mul(0.5).sum()) == 0

    torch.set_flush_denormal(before)
    try:
        with flushed_denormals():
            assert flushed()
        assert flushed() == before
        with pytest.raises(KeyError), flushed_denormals():
            raise KeyError
        assert flushed() == before
    finally:
        torch.set_flush_denormal(False)


def test_a_training_that_is_interrupted_leaves_denormals_as_they_were():
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tiny(), lambda _: bits(20), bits(4), iwae(), Training(1, 0), interrupt)
    assert sys.float_info.min / 2 > 0
