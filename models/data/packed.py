"""The three forms of the fixed binarisation of MNIST: the text of its authors, plain arrays, packed bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evidence_bench.models.data.files import Content, bad, sha256
from evidence_bench.models.data.reading import array_in, decompressed, sentences, zeros_and_ones

_SPACE, _ZERO, _ONE = b" 01"


def read_amat(path: Path) -> Content:
    """Zeros and ones [n, pixels] from lines of '0 1 1 ...', plain or in gzip."""
    text = decompressed(path)
    with sentences(path):
        lines = text.splitlines()
        width = len(lines[0].split()) if lines else 0
        characters = np.frombuffer(text, dtype=np.uint8)
        digits = characters[characters > _SPACE]
        if not np.isin(digits, (_ZERO, _ONE)).all():
            raise bad(path, "holds other values than 0 and 1")
        if width == 0 or digits.size != width * len(lines):
            raise bad(path, f"is truncated or corrupt: not all of its {len(lines)} lines are of one length")
        return _content(digits.reshape(len(lines), width) == _ONE)


def read_plain_array(path: Path) -> Content:
    """Zeros and ones [n, pixels] from an .npy array of any numeric type."""
    array = array_in(path, "images")
    with sentences(path):
        return _content(zeros_and_ones(path, array.reshape(len(array), -1)))


def read_packed(path: Path) -> Content:
    """Zeros and ones [n, pixels] from the array ``bits`` [n, pixels / 8] of an .npz, 8 pixels to a byte."""
    bits = array_in(path, "bits")
    if bits.dtype != np.uint8 or bits.ndim != 2:
        raise bad(path, f"holds {bits.dtype} of {bits.ndim} dimensions as 'bits', not bytes of 2")
    return _content(np.unpackbits(bits, axis=1).astype(bool))


def _content(images: np.ndarray) -> Content:
    return Content(images.astype(np.float32), sha256(np.packbits(images, axis=1)))
