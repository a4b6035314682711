"""Downloads into a cache by pooch, with progress, and continued where the last try stopped."""

from __future__ import annotations

import hashlib
import http.client
import importlib
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from evidence_bench.models.errors import MissingData, MissingPackage

TIMEOUT_SECONDS = 30
_CHUNK = 1 << 16
_PARTIAL, _NOT_SATISFIABLE = 206, 416


def cache_folder(otherwise: str) -> Path:
    """The user's cache folder of this project; a sentence ending in ``otherwise`` where pooch is missing."""
    return Path(_pooch(otherwise).os_cache("evidence-bench"))


def retrieve(url: str, folder: Path) -> Path:
    """The file of that address in ``folder``, downloaded unless it is there; MissingData if it cannot be.

    What is downloaded is not checked here: its content is, whenever it is read. A download that was cut
    off leaves its beginning in a .part file, and the next one from that address goes on from there.
    """
    pooch, name = _pooch(""), url.rsplit("/", 1)[-1]
    pooch.get_logger().setLevel("WARNING")
    part = folder / f"{name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part"
    try:
        return Path(pooch.retrieve(url, known_hash=None, fname=name, path=folder, downloader=Resuming(part)))
    except (OSError, http.client.HTTPException) as error:
        raise MissingData(f"'{url}' could not be downloaded ({_reason(error)}).") from error


class Resuming:
    """A downloader for pooch that keeps what it has in ``part`` and asks only for the rest.

    pooch's own start over. It tries again for as long as each try brings something. The server may
    ignore the wish (then it starts over too); should the file have changed in between, the check of its
    content finds out.
    """

    def __init__(self, part: Path) -> None:
        self.part = part

    def __call__(self, url: str, output_file: Any, _pooch: Any) -> None:
        while not self._complete(url):
            pass
        shutil.move(self.part, output_file)

    def _complete(self, url: str) -> bool:
        """One try; False if it ended early and brought something, an error if it brought nothing."""
        before = self._size()
        try:
            self._rest(url)
        except (OSError, http.client.HTTPException) as error:
            if before and getattr(error, "code", None) == _NOT_SATISFIABLE:
                self.part.unlink()  # longer than the file: it is the beginning of something else
            elif self._size() <= before:
                raise
            return False
        return True

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _rest(self, url: str) -> None:
        """Append to ``part`` what it lacks; an error if the connection ends before the file does."""
        have = self._size()
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            self._append(answer, have if answer.status == _PARTIAL else 0, url.rsplit("/", 1)[-1])

    def _append(self, answer: Any, have: int, name: str) -> None:
        rest, received = int(answer.headers.get("Content-Length") or 0), 0
        with self.part.open("ab" if have else "wb") as file, _progress() as progress:
            task = progress.add_task(name, total=have + rest or None, completed=have)
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                received += len(chunk)
                progress.advance(task, len(chunk))
        if received < rest:
            raise ConnectionError(f"the connection ended after {have + received} of {have + rest} bytes")


def _progress() -> Progress:
    columns = "{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error or type(error).__name__)


def _pooch(otherwise: str) -> Any:
    try:
        return importlib.import_module("pooch")
    except ImportError as error:
        raise MissingPackage(
            f"Downloads need pooch; install evidence-bench[data]. {otherwise}".rstrip()
        ) from error
