"""OMNIGLOT as its authors give it: drawings of 105 x 105 pixels, ink on paper."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np

from evidence_bench.models.data.files import Content, bad, sha256
from evidence_bench.models.data.reading import array_in, decompressed, sentences, zeros_and_ones
from evidence_bench.models.data.resize import shrunk
from evidence_bench.models.errors import MissingPackage

SIDE = 105


def read_drawing_arrays(path: Path) -> Content:
    """Grey images [n, 784] from the array ``images`` [..., 105, 105] of an .npz, 1 = paper."""
    images = array_in(path, "images")
    if images.shape[-2:] != (SIDE, SIDE):
        raise bad(path, f"holds drawings of shape {images.shape}, not of {SIDE} x {SIDE} pixels")
    with sentences(path):
        return _content(zeros_and_ones(path, images.reshape(-1, SIDE, SIDE)))


def read_drawing_pictures(path: Path) -> Content:
    """Grey images [n, 784] from the .zip of pictures, in the order of their numbers (0001_01.png, ...)."""
    with sentences(path), zipfile.ZipFile(io.BytesIO(decompressed(path))) as archive:
        pictures = [name for name in archive.namelist() if _is_drawing(name)]
        pictures.sort(key=lambda name: PurePosixPath(name).name)
        if not pictures:
            raise bad(path, "holds no pictures")
        paper = np.empty((len(pictures), SIDE, SIDE), dtype=bool)
        for i, name in enumerate(pictures):
            paper[i] = _picture(archive.read(name))
        return _content(paper)


def _is_drawing(name: str) -> bool:
    return name.endswith(".png") and not name.startswith("__MACOSX")


def _picture(content: bytes) -> np.ndarray:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingPackage("Reading pictures needs Pillow; install evidence-bench[data].") from error
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("L")) > 0


def _content(paper: np.ndarray) -> Content:
    """Any byte but 0 is a true one to numpy, so the checksum is that of bits, in which 1 is 1."""
    return Content(shrunk(~paper), sha256(np.packbits(paper.reshape(len(paper), -1), axis=1)))
