"""A data set as files and how they are divided into splits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evidence_bench.models.data.facts import FileFacts
from evidence_bench.models.data.files import Content, Part
from evidence_bench.models.data.order import mixed

SPLITS = ("train", "validation", "test")
Get = Callable[[Part], tuple[Content, FileFacts]]


@dataclass(frozen=True)
class Numbered:
    """Images [n, pixels] float32 in [0, 1] and the row of the file [n] each came from."""

    images: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Raw:
    """What a source reads: its three splits by name, the files, one hash for all of them."""

    splits: Mapping[str, Numbered]
    files: tuple[FileFacts, ...]
    sha256: str


class Source(Protocol):
    """A data set before it is made binary."""

    @property
    def name(self) -> str:
        """What it is asked for by."""
        ...

    @property
    def variant(self) -> str:
        """Which images these are and how the splits were cut, for people."""
        ...

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of an image."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Images in each split."""
        ...

    @property
    def folders(self) -> tuple[str, ...]:
        """Where its files may be, below a folder with data."""
        ...

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its files."""
        ...

    @property
    def binarisations(self) -> Mapping[str, str]:
        """The kinds it offers, the usual one first, each with its rule."""
        ...

    def read(self, get: Get) -> Raw:
        """The splits in their fixed order; ``get`` finds and verifies a file."""
        ...


@dataclass(frozen=True)
class FileSource:
    """A data set whose images are in files, cut into splits by ``divide``.

    ``divide`` takes (name of the data set, the number of images in each file) and says for each split
    which file and which rows of it.
    """

    name: str
    variant: str
    sizes: Mapping[str, int]
    folders: tuple[str, ...]
    binarisations: Mapping[str, str]
    parts: tuple[Part, ...]
    divide: Callable[[str, Sequence[int]], dict[str, tuple[int, np.ndarray]]]
    image_shape: tuple[int, int] = (28, 28)

    def read(self, get: Get) -> Raw:
        contents, files = zip(*(get(part) for part in self.parts), strict=True)
        divided = self.divide(self.name, [len(content.images) for content in contents])
        splits = {}
        for split, (file, rows) in divided.items():
            rows = rows[mixed(f"{self.name} {split}", len(rows))]
            splits[split] = Numbered(contents[file].images[rows], rows)
        return Raw(splits, files, one_hash(files))


def one_hash(files: Sequence[FileFacts]) -> str:
    """The hash of one file; of several, the sha256 of their hashes in hexadecimal, one a line."""
    if len(files) == 1:
        return files[0].sha256
    return hashlib.sha256("\n".join(file.sha256 for file in files).encode()).hexdigest()


@dataclass(frozen=True)
class LastRows:
    """Files (train, test); the last ``held_out`` rows of the first are the validation split."""

    held_out: int

    def __call__(self, name: str, counts: Sequence[int]) -> dict[str, tuple[int, np.ndarray]]:
        train = np.arange(counts[0])
        cut = counts[0] - self.held_out
        return {"train": (0, train[:cut]), "validation": (0, train[cut:]), "test": (1, np.arange(counts[1]))}


@dataclass(frozen=True)
class MixedRows:
    """The first ``training`` rows (all of the first file by default) mixed, ``held_out`` of them validation.

    The test split is the second file, or what is left of the only one.
    """

    held_out: int
    training: int | None = None

    def __call__(self, name: str, counts: Sequence[int]) -> dict[str, tuple[int, np.ndarray]]:
        training = counts[0] if self.training is None else self.training
        train, last = mixed(f"{name} held out", training), len(counts) - 1
        test = np.arange(training if last == 0 else 0, counts[last])
        cut = training - self.held_out
        return {"train": (0, train[:cut]), "validation": (0, train[cut:]), "test": (last, test)}


def one_file_each(name: str, counts: Sequence[int]) -> dict[str, tuple[int, np.ndarray]]:
    """Files (train, validation, test)."""
    return {split: (file, np.arange(counts[file])) for file, split in enumerate(SPLITS)}
