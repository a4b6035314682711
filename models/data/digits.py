"""scikit-learn's 8 x 8 digits, which come with the package: no file is looked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from evidence_bench.models.data.binarisation import AT_THRESHOLD, DYNAMIC, GREY
from evidence_bench.models.data.facts import FileFacts
from evidence_bench.models.data.files import Part, sha256
from evidence_bench.models.data.sources import Get, Numbered, Raw

LEVELS = 16
SPLIT_SEED = 0


@dataclass(frozen=True)
class DigitsSource:
    """The splits and, with ``fixed``, the very zeros and ones that the shipped VAE was trained on."""

    name: str = "digits"
    variant: str = "scikit-learn's 1797 digits, 8 x 8 grey levels / 16"
    image_shape: tuple[int, int] = (8, 8)
    sizes: Mapping[str, int] = field(default_factory=lambda: {"train": 1197, "validation": 200, "test": 400})
    folders: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    binarisations: Mapping[str, str] = field(
        default_factory=lambda: {"fixed": AT_THRESHOLD, "dynamic": DYNAMIC, "none": GREY}
    )

    def read(self, get: Get) -> Raw:
        levels = grey_levels()
        order, grey = np.asarray(fixed_order(len(levels))), levels.astype(np.float32) / np.float32(LEVELS)
        ends = np.cumsum(list(self.sizes.values()))[:-1]
        rows = dict(zip(self.sizes, np.split(order, ends), strict=True))
        file = FileFacts("sklearn.datasets.load_digits", sha256(levels), "nothing: part of scikit-learn")
        splits = {split: Numbered(grey[rows[split]], rows[split]) for split in self.sizes}
        return Raw(splits, (file,), file.sha256)


def grey_levels() -> np.ndarray:
    """The digits [1797, 64] uint8, 0 to 16, in scikit-learn's order."""
    from sklearn import datasets

    grey: np.ndarray = datasets.load_digits().data.astype(np.uint8)
    return grey


def fixed_order(n: int) -> list[int]:
    """The numbers 0..n-1 in the order in which the splits are cut from them.

    That of a hash of (SPLIT_SEED, number of the digit): fixed on every platform, and blind to the labels.
    """
    return sorted(range(n), key=_place)


def _place(number: int) -> bytes:
    return hashlib.sha256(f"digits split {SPLIT_SEED}, digit {number}".encode()).digest()
