"""The IDX format of MNIST and Fashion-MNIST: 4 bytes of kind, the sizes (big-endian), then the bytes."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from evidence_bench.models.data.files import Content, bad, sha256
from evidence_bench.models.data.reading import decompressed, sentences

_UNSIGNED_BYTES = 8


def read_idx_images(path: Path) -> Content:
    """Grey levels / 255 [n, pixels] of an IDX file of images, plain or in gzip; sha256 of the plain file."""
    content = decompressed(path)
    with sentences(path):
        levels = _array(path, content)
    if levels.ndim != 3:
        what = "labels" if levels.ndim == 1 else f"arrays of {levels.ndim - 1} dimensions"
        raise bad(path, f"holds {what}, not images")
    grey = levels.reshape(len(levels), -1).astype(np.float32) / np.float32(255)
    return Content(grey, sha256(content))


def _array(path: Path, content: bytes) -> np.ndarray:
    if len(content) < 4:
        raise bad(path, f"is truncated: it has {len(content)} bytes")
    zero, kind, dimensions = struct.unpack(">HBB", content[:4])
    if zero != 0 or kind != _UNSIGNED_BYTES or dimensions == 0:
        raise bad(path, "is no IDX file of bytes: it does not begin as one")
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise bad(path, "is truncated: it ends inside its header")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    promised, present = math.prod(shape), len(content) - start
    if present != promised:
        amiss = "is truncated" if present < promised else "has bytes too many"
        raise bad(path, f"{amiss}: its header promises {promised} bytes and {present} follow")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
