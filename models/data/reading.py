"""Bytes from files that may be compressed, truncated or something else altogether."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from evidence_bench.models.data.files import bad
from evidence_bench.models.errors import BadData, BenchError

_GZIP = b"\x1f\x8b"


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Inside, whatever goes wrong while ``path`` is read becomes a BadData that says what it is."""
    try:
        yield
    except BenchError:
        raise
    except EOFError as error:
        raise bad(path, "is truncated: it ends before its content does") from error
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise bad(path, f"is corrupt or truncated: its compression does not hold ({error})") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise BadData(f"'{path}' cannot be read ({error.strerror}); correct its permissions.") from error
        raise bad(path, f"does not hold what its name says ({type(error).__name__}: {error})") from error


def decompressed(path: Path) -> bytes:
    """The bytes of the file, out of gzip where it is in gzip whatever its name."""
    with sentences(path):
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content


def array_in(path: Path, key: str) -> np.ndarray:
    """The array ``key`` of an .npz, or the one array of an .npy; nothing is ever unpickled."""
    with sentences(path):
        loaded = np.load(io.BytesIO(decompressed(path)), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        if key not in loaded:
            raise bad(path, f"holds no array '{key}'")
        array: np.ndarray = loaded[key]
        return array


def zeros_and_ones(path: Path, array: np.ndarray) -> np.ndarray:
    """The array as bool, if all it holds is 0 and 1."""
    if array.dtype.kind not in "biuf" or not ((array == 0) | (array == 1)).all():
        raise bad(path, "holds other values than 0 and 1")
    return array.astype(bool)
