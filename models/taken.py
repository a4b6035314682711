"""A folder belongs to one process at a time."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from evidence_bench.models.errors import BenchError
from evidence_bench.models.files import cannot_write, sweep

try:
    import fcntl
except ImportError:  # not on this system: then nothing keeps two processes apart
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"


class InUse(BenchError):
    """A folder that another process writes to."""


@contextlib.contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Have ``folder`` for this process alone; InUse names the process that has it.

    The lock is the kernel's and ends with the process, however that ends, so nothing stale is left to block
    the next. A file system without locks is gone on with.
    """
    file = _locked(folder)
    try:
        sweep(folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()
        file.close()


def _locked(folder: Path) -> TextIO:
    """The lock file, open and locked, with our name in it."""
    path = folder / LOCK
    try:
        file = path.open("a+", encoding="utf-8")
        _lock(file, folder)
        if not _is(file, path):  # its holder has just ended and removed it
            file.close()
            return _locked(folder)
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
    except OSError as error:
        raise cannot_write(folder, error) from error
    return file


def _lock(file: TextIO, folder: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise InUse(
            f"'{folder}' is being written to by {holder}; wait until that ends, or choose another folder."
        ) from error
    except OSError:  # no locks here
        return


def _is(file: TextIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
