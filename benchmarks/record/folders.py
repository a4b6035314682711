"""A run folder belongs to one run: how a new one is taken, and an old one gone on with."""

from __future__ import annotations

import contextlib
import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.models.errors import BadOption
from evidence_bench.models.files import cannot_write
from evidence_bench.models.taken import taken

PARENT = Path("runs")  # of folders that nobody named


@contextlib.contextmanager
def begun(path: Path | None, config: dict[str, Any], prefix: str = "") -> Iterator[RunFolder]:
    """A folder with that config.json in it, for this process alone until the end.

    ``path`` None: a new one below ``runs``, named by the time, the next number where that is taken. BadOption
    where ``path`` holds a run already, or anything else.
    """
    folder = RunFolder(_made(path) if path else _new(prefix))
    with taken(folder.path):
        refuse_used(folder.path)
        if not folder.claim(config):
            raise BadOption(_used(folder.path))
        yield folder


def refuse_used(path: Path) -> None:
    """BadOption unless the folder is empty or not there yet."""
    folder = RunFolder(path)
    if folder.used:
        raise BadOption(_used(path))
    if folder.foreign:
        what = "holds other files and no run" if path.is_dir() else "is no folder"
        raise BadOption(f"'{path}' {what}, and not an empty folder; choose another --output.")


def _used(path: Path) -> str:
    return f"'{path}' holds a run; add --resume to continue it, or choose another --output."


def _made(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadOption(
            f"The run folder '{path}' cannot be written ({error.strerror}); choose another with --output."
        ) from error
    return path


def _new(prefix: str) -> Path:
    """The first of that name that this process makes; whoever comes second takes the next number."""
    stamp = datetime.datetime.now().strftime(f"{prefix}%Y%m%d-%H%M%S")
    for number in itertools.count(1):
        path = PARENT / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            PARENT.mkdir(exist_ok=True)
            path.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise cannot_write(path, error) from error
        return path
    raise AssertionError("numbers do not end")
