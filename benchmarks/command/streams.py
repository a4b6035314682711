"""Standard output and error that no terminal, pipe or disk can make a command fail by.

What their encoding lacks is written as plain as it can be; where nobody reads any more, they go quiet and the
work goes on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

_PLAIN = {"±": "+-", "²": "^2", "…": "...", "─": "-"}  # what we print ourselves
_UNREAD = (errno.EPIPE, errno.EBADF)  # the reader went, or was never there: as they wished


class Stream:
    """A text stream whose writes do not raise; ``lost`` is why the first of them failed, if one did."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.lost: Exception | None = None

    @property
    def encoding(self) -> str:
        """That of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write it, or as much of it as can be shown; nothing once a write has failed."""
        self._attempt("write", plain(text, self.encoding))
        return len(text)

    def flush(self) -> None:
        """Hand on what is held; nothing once a write has failed."""
        self._attempt("flush")

    def isatty(self) -> bool:
        """Whether it is a terminal that still takes what is written."""
        try:
            return self.lost is None and self._stream is not None and self._stream.isatty()
        except ValueError:
            return False

    def _attempt(self, what: str, *text: str) -> None:
        if self._stream is None or self.lost is not None:
            return
        try:
            getattr(self._stream, what)(*text)
        except (OSError, ValueError) as error:  # ValueError: it was closed
            self.lost = error
            self._silence()

    def _silence(self) -> None:
        """What is still held goes nowhere, or the interpreter would fail by it at its end."""
        if self._stream not in (sys.__stdout__, sys.__stderr__):
            return
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())  # type: ignore[union-attr]
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def plain(text: str, encoding: str) -> str:
    """The text with every character replaced that the encoding lacks: ± by +-, others by a question mark."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        kept = "".join(c if _has(encoding, c) else _PLAIN.get(c, "?") for c in text)
        return kept.encode(encoding, "replace").decode(encoding)
    return text


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@contextlib.contextmanager
def safe_streams() -> Iterator[tuple[Stream, Stream]]:
    """``sys.stdout`` and ``sys.stderr`` as such streams until the end; both flushed then."""
    _open_what_is_closed()
    before = sys.stdout, sys.stderr
    out, err = Stream(before[0]), Stream(before[1])
    sys.stdout, sys.stderr = out, err
    try:
        yield out, err
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def what_was_lost(stream: Stream) -> str | None:
    """Why output that somebody may still wait for was not written, such as a full disk; else None."""
    lost = stream.lost
    if not isinstance(lost, OSError) or lost.errno in _UNREAD:
        return None
    return lost.strerror or str(lost)


def _open_what_is_closed() -> None:
    """A file that is opened must not become standard output because that was closed (``>&-``)."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
