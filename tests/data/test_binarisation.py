"""Dynamic binarisation: Bernoulli with the grey level as mean, seeded, the same first images for every n."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evidence_bench.models.data import catalogue
from evidence_bench.models.data.binarisation import BLOCK_IMAGES, bernoulli
from evidence_bench.models.data.splits import Split
from evidence_bench.models.errors import BadOption, NotApplicable
from tests.data.synthetic import lay_out, source
from tests.statistical import assert_mean

N = 2 * BLOCK_IMAGES + 100


def split(kind: str, pixels: int = 9) -> Split:
    images = torch.from_numpy(np.random.default_rng(7).random((N, pixels)).astype(np.float32))
    return Split("grey", "test", images, torch.arange(N), kind)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_share_of_ones_is_the_grey_level(level):
    drawn = bernoulli(torch.full((2000, 100), level), ("share",))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert_mean(drawn.numpy(), level, sees=0.01)


def test_black_and_white_are_kept():
    ends = torch.tensor([[0.0, 1.0]]).expand(5000, 2).contiguous()
    assert torch.equal(bernoulli(ends, ("ends",)), ends)


def test_pixels_and_images_and_passes_are_independent():
    """Correlations of 1e5 pairs: each has standard error .0032 where the truth is 0."""
    half = Split("grey", "train", torch.full((1000, 100), 0.5), torch.arange(1000), "dynamic")
    first, second = half.in_pass(0, 0), half.in_pass(1, 0)
    pairs = {
        "passes": (first, second),
        "seeds": (first, half.in_pass(0, 1)),
        "measured": (first, half.first()),
        "images": (first[1:], first[:-1]),
        "blocks": (first[:488], first[BLOCK_IMAGES:1000]),
        "pixels": (first[:, 1:], first[:, :-1]),
    }
    for one, other in pairs.values():
        assert_mean(((2 * one - 1) * (2 * other - 1)).numpy(), 0.0, sees=0.03)


@pytest.mark.parametrize("pixels", [9, 300])
def test_first_images_do_not_depend_on_how_many(pixels):
    test = split("dynamic", pixels)
    whole = test.first()
    for n in (0, 1, 5, BLOCK_IMAGES, BLOCK_IMAGES + 1, N):
        assert torch.equal(test.first(n), whole[:n])


def test_a_pass_is_fixed_by_seed_and_number():
    train = split("dynamic")
    assert torch.equal(train.in_pass(3, 5), train.in_pass(3, 5))
    assert not torch.equal(train.in_pass(3, 5), train.in_pass(4, 5))
    assert not torch.equal(train.in_pass(3, 5), train.in_pass(3, 5 + 2**32))


def test_threads_and_the_global_generator_do_not_matter():
    train, before = split("dynamic", 300), torch.get_rng_state()
    threads = torch.get_num_threads()
    drawn = train.in_pass(0, 0)
    try:
        torch.set_num_threads(3 - min(threads, 2))
        torch.manual_seed(1)
        assert torch.equal(train.in_pass(0, 0), drawn)
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(before)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kind", ["fixed", "none"])
def test_other_kinds_are_the_images_themselves(kind):
    train = split(kind)
    assert torch.equal(train.in_pass(2, 0), train.images)
    assert torch.equal(train.first(9), train.images[:9])


def test_kinds_of_one_data_set(tmp_path):
    root = lay_out(tmp_path)
    grey, fixed, dynamic = (catalogue.read(source(), root, kind) for kind in ("none", "fixed", "dynamic"))
    assert torch.equal(fixed.test.images, (grey.test.images >= 0.5).float())
    assert torch.equal(dynamic.test.images, grey.test.images)
    assert set(dynamic.test.first().unique().tolist()) == {0.0, 1.0}
    assert catalogue.read(source(), root).facts.binarisation == "dynamic"


def test_what_is_not_there_gets_a_sentence(tmp_path):
    with pytest.raises(NotApplicable, match=f"has {N} images, not {N + 1}"):
        split("none").first(N + 1)
    with pytest.raises(NotApplicable):
        split("none").first(-1)
    with pytest.raises(BadOption, match="no pass -1"):
        split("dynamic").in_pass(-1, 0)
    with pytest.raises(BadOption, match="no binarisation 'sometimes'"):
        catalogue.load("mnist", tmp_path, "sometimes")
    with pytest.raises(NotApplicable, match="mnist-binarised"):
        catalogue.load("mnist", tmp_path, "fixed")
    with pytest.raises(NotApplicable, match="only fixed"):
        catalogue.load("mnist-binarised", tmp_path, "dynamic")
