"""``chardata.mat``: the 28 x 28 OMNIGLOT of Burda, Grosse and Salakhutdinov (2016)."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from evidence_bench.models.data.files import Content, bad, git_blob, sha256
from evidence_bench.models.data.reading import decompressed, sentences

SIDE = 28


def read_chardata(path: Path) -> Content:
    """Grey images [n, 784], training images first, then test images, turned upright.

    The file has images as columns of ``data`` and ``testdata`` [784, n], each column by column.
    """
    from scipy.io import loadmat

    content = decompressed(path)
    with sentences(path):
        found = loadmat(io.BytesIO(content), variable_names=["data", "testdata"])
        parts = [_upright(path, found, key) for key in ("data", "testdata")]
    return Content(np.concatenate(parts), sha256(content), git_blob(content))


def _upright(path: Path, found: dict[str, np.ndarray], key: str) -> np.ndarray:
    if key not in found:
        raise bad(path, f"holds no array '{key}'")
    columns = found[key]
    if columns.ndim != 2 or columns.shape[0] != SIDE**2 or columns.dtype.kind not in "biuf":
        raise bad(
            path, f"holds '{key}' of shape {columns.shape} and type {columns.dtype}, not numbers [784, n]"
        )
    if not ((columns >= 0) & (columns <= 1)).all():
        raise bad(path, f"holds values outside 0 to 1 in '{key}'")
    images = columns.T.astype(np.float32).reshape(-1, SIDE, SIDE)
    return np.ascontiguousarray(images.transpose(0, 2, 1)).reshape(-1, SIDE**2)
