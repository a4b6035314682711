"""The door by which what lies in a file comes in: JSON of the wrong form is refused by one sentence.

The sentence names the file, the field by its path and what it should be. ``msgspec`` compares the content
with the types of a dataclass or a TypedDict, strictly: the text "3" is not the number 3.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from evidence_bench.models.errors import BenchError

T = TypeVar("T")


def read_json(path: Path, remedy: str, error: type[BenchError] = BenchError) -> Any:
    """What the file holds; ``error`` where it cannot be read or is no JSON."""
    try:
        data = path.read_bytes()
    except OSError as reason:
        raise error(f"'{path}' cannot be read ({reason.strerror or reason}); {remedy}.") from reason
    return parsed(data, path, remedy, error)


def parsed(data: bytes | str, source: Path | str, remedy: str, error: type[BenchError] = BenchError) -> Any:
    """JSON from ``source``; ``error`` where it is none, or nested without end."""
    try:
        return json.loads(data if isinstance(data, str) else data.decode("utf-8"))
    except (ValueError, RecursionError) as reason:
        raise error(f"'{source}' cannot be read (no JSON: {_short(reason)}); {remedy}.") from reason


def checked(
    data: Any, kind: type[T], source: Path | str, remedy: str, error: type[BenchError] = BenchError
) -> T:
    """``data`` as ``kind``; ``error`` says where in ``source`` it is not of that form."""
    try:
        return msgspec.convert(data, kind, strict=True)
    except ValueError as reason:  # msgspec.ValidationError, or text that it cannot put into its sentence
        raise error(f"'{source}' {_wrong(str(reason))}; {remedy}.") from reason


def _wrong(message: str) -> str:
    """'is wrong at samples[0]: expected int, got null', from msgspec's own sentence."""
    problem, at, path = message.replace("`", "").partition(" - at $")
    place = f" at {path.removeprefix('.')}" if at else ""
    choice = re.fullmatch(r"Invalid enum value (.*)", problem)
    if choice:
        return f"is wrong{place}: {choice[1]} is none of its values"
    return f"is wrong{place}: {problem[:1].lower()}{problem[1:]}"


def _short(reason: Exception) -> str:
    text = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
    return text if len(text) < 120 else f"{text[:117]}..."
