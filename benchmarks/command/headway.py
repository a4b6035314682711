"""How far a piece of long work is: listened to around it, told from within."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

LOG_EVIDENCE = "log p(x)"
Watcher = Callable[[str, int, int], object]  # what it is, data points done, data points in all
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextlib.contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Inside, ``by(what, done, total)`` is called before each group of data points and at the end."""
    token = _watcher.set(by)
    try:
        yield
    finally:
        _watcher.reset(token)


def report(what: str, done: int, total: int) -> None:
    """So many data points are done; nothing where nobody watches."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(what, done, total)
