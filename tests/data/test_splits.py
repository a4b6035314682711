"""Splits: sizes as stated, no row twice, an order that is fixed and mixed; digits as the shipped VAE's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evidence_bench.models import data
from evidence_bench.models.data import catalogue
from evidence_bench.models.data.order import mixed
from evidence_bench.models.data.published import PUBLISHED
from evidence_bench.models.errors import BadOption, NotApplicable, UnknownName
from tests.data.synthetic import TEST, TRAIN, lay_out, source


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda source: source.name)
def test_splits_use_every_row_once(published):
    counts = [part.shape[0] for part in published.parts]
    divided = published.divide(published.name, counts)
    assert {split: len(rows) for split, (_, rows) in divided.items()} == dict(published.sizes)
    used = [(file, row) for file, rows in divided.values() for row in rows.tolist()]
    assert sorted(used) == [(file, row) for file, count in enumerate(counts) for row in range(count)]


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_validation_is_the_end_of_the_training_file(name):
    file, rows = catalogue.SOURCES[name].divide(name, [60_000, 10_000])["validation"]
    assert file == 0
    assert rows.tolist() == list(range(50_000, 60_000))


@pytest.mark.parametrize("name", ["omniglot28", "omniglot-burda"])
def test_held_out_drawings_are_spread_over_the_file(name):
    """The mean row of a fair subset has standard error total / sqrt(12 n); 4 fail in 6e-5 of seeds."""
    published = catalogue.SOURCES[name]
    divided = published.divide(name, [part.shape[0] for part in published.parts])
    rows = divided["validation"][1]
    total = len(rows) + len(divided["train"][1])
    assert abs(rows.mean() / total - 0.5) < 4 / np.sqrt(12 * len(rows))
    assert rows.max() < total


def test_order_is_a_fixed_permutation():
    order = mixed("some purpose", 1000)
    assert sorted(order.tolist()) == list(range(1000))
    assert order[:5].tolist() == mixed("some purpose", 1000)[:5].tolist() == [667, 951, 582, 171, 979]
    assert order.tolist() != mixed("another purpose", 1000).tolist()
    assert abs(order[:100].mean() - 499.5) < 4 * 1000 / np.sqrt(12 * 100)


def test_images_are_those_of_the_rows(tmp_path):
    loaded = catalogue.read(source(), lay_out(tmp_path), "none")
    for split, levels in ((loaded.train, TRAIN), (loaded.validation, TRAIN), (loaded.test, TEST)):
        expected = levels.reshape(len(levels), -1)[split.rows.numpy()].astype(np.float32) / np.float32(255)
        assert np.array_equal(split.images.numpy(), expected)
        assert split.rows.tolist() != sorted(split.rows.tolist())
    assert sorted(loaded.validation.rows.tolist()) == list(range(24, 30))
    assert loaded.split("validation") is loaded.validation
    with pytest.raises(BadOption, match="no split 'holdout'"):
        loaded.split("holdout")


def test_digits_are_thresholded_at_half_of_the_levels():
    ours, grey = data.load("digits"), data.load("digits", binarisation="none")
    for split in ("train", "validation", "test"):
        assert torch.equal((grey.split(split).images >= 0.5).float(), ours.split(split).images)
    assert (grey.test.images * 16 == (grey.test.images * 16).round()).all()


def test_the_catalogue_describes_what_it_has():
    wanted = {"mnist", "mnist-binarised", "omniglot28", "omniglot-burda", "fashion-mnist", "digits"}
    assert set(data.names()) == wanted
    for name, sentence in data.describe().items():
        sizes = catalogue.SOURCES[name].sizes
        assert all(f"{size} {split}" in sentence for split, size in sizes.items())
    with pytest.raises(UnknownName, match="did you mean 'mnist'"):
        data.load("mnits")


def test_facts_go_with_every_number(tmp_path):
    loaded = catalogue.read(source(), lay_out(tmp_path))
    facts = loaded.facts
    assert facts.provenance("test") == {
        "dataset": "tiny",
        "variant": "random levels",
        "split": "test",
        "binarisation": "dynamic",
        "data_sha256": facts.sha256,
    }
    assert facts.as_dict()["sizes"] == {"train": 24, "validation": 6, "test": 20}
    assert [file["name"] for file in facts.as_dict()["files"]] == ["train-images", "test-images.gz"]
    assert {file.checked_by for file in facts.files} == {"sha256"}


def test_numbers_on_different_data_are_not_compared(tmp_path):
    root = lay_out(tmp_path)
    dynamic, fixed = (catalogue.read(source(), root, kind).facts for kind in ("dynamic", "fixed"))
    dynamic.comparable_with(catalogue.read(source(), root, "dynamic").facts)
    with pytest.raises(
        NotApplicable, match="different binarisations cannot be compared: 'dynamic' and 'fixed'"
    ):
        dynamic.comparable_with(fixed)
    with pytest.raises(NotApplicable, match="data sets"):
        fixed.comparable_with(data.load("digits").facts)
    one = dynamic.provenance("test")
    data.require_comparable(one, {**one, "checkpoint_sha256": "whatever"})
    with pytest.raises(NotApplicable, match="splits"):
        data.require_comparable(one, dynamic.provenance("validation"))
    with pytest.raises(NotApplicable, match="file contents"):
        data.require_comparable(one, {**one, "data_sha256": "0"})
    with pytest.raises(NotApplicable, match="not stated"):
        data.require_comparable(one, {})
