"""Tiny files in the formats of the real ones, and data sets that know their checksums."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from evidence_bench.models.data import binarisation as kinds
from evidence_bench.models.data.files import Form, Part, sha256
from evidence_bench.models.data.idx import read_idx_images
from evidence_bench.models.data.sources import FileSource, LastRows

KINDS = {"dynamic": kinds.DYNAMIC, "fixed": kinds.AT_THRESHOLD, "none": kinds.GREY}
SIDE = 4


def levels(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, SIDE, SIDE), dtype=np.uint8)


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def idx_part(what: str, name: str, content: bytes, count: int, urls: tuple[str, ...] = ()) -> Part:
    return Part(what, (count, SIDE**2), (Form((name,), read_idx_images, urls),), sha256(content))


TRAIN, TEST = levels(30, 1), levels(20, 2)


def source(urls: tuple[str, ...] = ()) -> FileSource:
    """30 training images, the last 6 of them validation, and 20 test images."""
    return FileSource(
        name="tiny",
        variant="random levels",
        sizes={"train": 24, "validation": 6, "test": 20},
        folders=("tiny", ""),
        binarisations=KINDS,
        parts=(
            idx_part("training images", "train-images", idx_bytes(TRAIN), 30, urls),
            idx_part("test images", "test-images", idx_bytes(TEST), 20),
        ),
        divide=LastRows(6),
        image_shape=(SIDE, SIDE),
    )


def lay_out(root: Path) -> Path:
    """The files of ``source``, one plain and one in gzip."""
    folder = root / "tiny"
    folder.mkdir(parents=True)
    (folder / "train-images").write_bytes(idx_bytes(TRAIN))
    (folder / "test-images.gz").write_bytes(gzip.compress(idx_bytes(TEST)))
    return root


def npz_bytes(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def picture_archive(paper: np.ndarray) -> bytes:
    """A .zip as of OMNIGLOT, [characters, drawers, 105, 105], its pictures in no order, and other things."""
    from PIL import Image

    names = [(i, j) for i in range(paper.shape[0]) for j in range(paper.shape[1])]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("__MACOSX/._0001_01.png", b"not a picture")
        for i, j in reversed(names):
            picture = io.BytesIO()
            Image.fromarray(paper[i, j]).save(picture, "PNG")
            alphabet = "Zeta" if i == 0 else "Alpha"
            archive.writestr(f"images/{alphabet}/character/{i + 1:04d}_{j + 1:02d}.png", picture.getvalue())
    return file.getvalue()
