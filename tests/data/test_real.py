"""The real files, where EVIDENCE_BENCH_DATA names a folder that has them."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from evidence_bench.models.data import place
from tests.data.conftest import NAMED

OFFICIAL_TEXT = {
    "train": "ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d",
    "valid": "1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2",
    "test": "e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c",
}
OFFICIAL_IDX = {
    "train": "6bbc9ace898e44ae57da46a324031adb",
    "t10k": "2646ac647ad5339dbf082846283269ea",
}


def levels(images: torch.Tensor, top: int) -> int:
    """The sum of the whole numbers that were divided by ``top``."""
    whole = (images.double() * top).round()
    assert torch.equal((whole / top).float(), images)
    return int(whole.sum())


def test_mnist(real):
    mnist = real("mnist")
    assert mnist.facts.sizes == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert mnist.train.images.shape == (50_000, 784)
    training = levels(mnist.train.images, 255) + levels(mnist.validation.images, 255)
    assert training / (60_000 * 784 * 255) == pytest.approx(0.1306604762738429, abs=1e-12)
    drawn = mnist.test.first(1000)
    assert torch.equal(drawn, mnist.test.first()[:1000])
    spread = (mnist.test.images[:1000] * (1 - mnist.test.images[:1000])).double().sum().sqrt()
    assert abs(drawn.double().sum() - mnist.test.images[:1000].double().sum()) < 4 * spread
    found = {file.name.split("-")[0]: Path(NAMED, "mnist", file.name) for file in mnist.facts.files}
    for stem, path in found.items():
        if path.suffix == ".gz" and path.is_file():
            assert hashlib.md5(gzip.decompress(path.read_bytes())).hexdigest() == OFFICIAL_IDX[stem]


def test_mnist_binarised_is_the_official_text(real):
    """Put back in the order of the file and written as text, the images have the published checksums."""
    binarised = real("mnist-binarised")
    splits = {"train": binarised.train, "valid": binarised.validation, "test": binarised.test}
    for stem, split in splits.items():
        in_order = torch.empty_like(split.images)
        in_order[split.rows] = split.images
        text = np.full((len(split), 2 * 784), ord(" "), dtype=np.uint8)
        text[:, ::2] = ord("0") + in_order.numpy().astype(np.uint8)
        text[:, -1] = ord("\n")
        assert hashlib.sha256(text.tobytes()).hexdigest() == OFFICIAL_TEXT[stem]


def test_first_binarised_images_are_a_fair_subset(real):
    """The file's first 900 test images are all of one digit; ours have the mean ink of the whole split.

    Within 4 standard errors, which a fair subset exceeds in 6e-5 of seeds; the file's are 10 or more away.
    """
    test = real("mnist-binarised").test
    ink = test.images.sum(1).double()
    stderr = ink.std() / np.sqrt(900)
    in_file = ink[test.rows.argsort()]
    assert abs(in_file[:900].mean() - ink.mean()) > 10 * stderr
    assert abs(ink[:900].mean() - ink.mean()) < 4 * stderr


def test_omniglot(real):
    omniglot = real("omniglot28")
    assert omniglot.facts.sizes == {"train": 18_000, "validation": 1_280, "test": 13_180}
    background = levels(omniglot.train.images, 225) + levels(omniglot.validation.images, 225)
    for name, total in (("background", background), ("evaluation", levels(omniglot.test.images, 225))):
        path = Path(NAMED, "omniglot", f"images_{name}.npz")
        if path.is_file():
            assert total == 16 * _ink(path)


def test_fashion(real):
    fashion = real("fashion-mnist")
    training = levels(fashion.train.images, 255) + levels(fashion.validation.images, 255)
    assert training / (60_000 * 784 * 255) == pytest.approx(0.2860, abs=5e-5)  # the mean people normalise by


def test_burda(real):
    burda = real("omniglot-burda")
    assert burda.facts.sizes == {"train": 23_000, "validation": 1_345, "test": 8_070}
    assert burda.facts.files[0].checked_by == "git blob id"


def test_no_test_reads_the_environment(real):
    import os

    assert place.ENVIRONMENT not in os.environ


def _ink(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        paper = np.load(io.BytesIO(archive.read("images.npy")), allow_pickle=False)
    return int(paper.size - paper.sum())
