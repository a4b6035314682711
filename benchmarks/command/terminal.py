"""Where tables and progress are printed: names, paths and reasons appear as they are, whatever is in them."""

from __future__ import annotations

import os
import sys

from rich.console import Console


def console(width: int, *, errors: bool = False) -> Console:
    """A console on stdout, or stderr, that reads neither markup nor emoji out of text.

    Rich takes ``[order=2]`` and ``:bug:`` for its own words otherwise. ``width`` is that without a terminal,
    where COLUMNS does not say otherwise.
    """
    stream = sys.stderr if errors else sys.stdout
    return Console(
        stderr=errors,
        markup=False,
        emoji=False,
        highlight=False,
        width=None if stream.isatty() else _columns() or width,
    )


def _columns() -> int:
    """COLUMNS as a number; 0 where it is not set, or no number."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdecimal() else 0
