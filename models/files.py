"""Files: where a typed path leads, and writing that leaves the old bytes or the new ones, never a part."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from evidence_bench.models.errors import BadOption, BenchError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LONGEST = 255  # bytes of a file's name, where the file system does not tell
_PART = re.compile(r"\.[0-9a-f]{12}\.[\d-]+\.part")


class CannotWrite(BenchError, OSError):
    """A file that could not be written; ``full`` where the disk is, and not the request at fault."""

    def __init__(self, sentence: str, *, full: bool = False) -> None:
        super().__init__(sentence)
        self.full = full


def expanded(path: str | Path) -> Path:
    """The path with ``~`` and ``~user`` as a shell has them, for no shell expands ``--output=~/x``.

    Whatever is typed as a path, or read as one from the environment, comes through here.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:  # no such user, or no home
        raise BadOption(f"'{path}': {str(error).rstrip('.')}; write the path in full.") from error


@contextlib.contextmanager
def writing(path: Path, *, sync: bool = False) -> Iterator[BinaryIO]:
    """A temporary file beside ``path``, renamed to it once it is complete; CannotWrite says why not.

    ``sync``: it is on the disk, not in a cache, before the old file goes.
    """
    part = _part_of(path)
    try:
        with part.open("wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except (Exception, KeyboardInterrupt) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise


def create(path: Path, data: bytes) -> bool:
    """Write ``path`` where there is none: whether it is ours. Of many that try at once one gets it."""
    part = _part_of(path)
    try:
        part.write_bytes(data)
        return _linked(part, path, data)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def replace(path: Path, data: bytes) -> None:
    """Write ``path``, in a folder that is made where there is none; CannotWrite says why not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    with writing(path, sync=True) as file:
        file.write(data)


def cannot_write(path: Path, error: OSError) -> CannotWrite:
    """The sentence for it."""
    if isinstance(error, CannotWrite):
        return error
    reason = error.strerror or str(error) or type(error).__name__
    full = error.errno in _FULL
    remedy = "free some space" if full else "choose another place"
    return CannotWrite(f"'{path}' cannot be written ({reason}); {remedy}.", full=full)


def _part_of(path: Path) -> Path:
    """Where this process writes what becomes ``path``: a short name, however long that of the path is."""
    name = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]
    return path.with_name(f".{name}.{os.getpid()}-{threading.get_native_id()}.part")


def _linked(part: Path, path: Path, data: bytes) -> bool:
    """A link is made whole or not at all; where the file system has none, an exclusive open must do."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            return False
    return True


def sweep(folder: Path) -> None:
    """Remove what writing left in ``folder`` where a process was killed; nobody else may be writing."""
    for path in folder.glob(".*.part"):
        if _PART.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def longest_name(folder: Path) -> int:
    """Bytes that the name of a file in ``folder`` may have."""
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except (OSError, ValueError, AttributeError):
        return _LONGEST
