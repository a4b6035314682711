"""A checkpoint that is named by its path: where that leads, and the one name that its content has.

The same bytes are one model, however their path is spelled: under the name of the shipped checkpoint that
they are, or else under the file's name, with noise that is keyed by their hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from evidence_bench.models.files import expanded
from evidence_bench.models.specs import parse_spec
from evidence_bench.models.vaes.card import read_card

OPTION = "checkpoint"
ENDING = ".safetensors"
SHIPPED = Path(__file__).parents[1] / "checkpoints"
_PATH = re.compile(rf"(?P<path>.*{re.escape(ENDING)})(?P<rest>\[[^\[\]]*\]|(?::[^:=]+=[^:]*)*)", re.DOTALL)
_AS_OPTION = re.compile(
    rf"(?P<before>[^\[\]:/]+[\[:](?:.*[,:])?{OPTION}=)(?P<path>[^,\[\]]*{re.escape(ENDING)})(?P<after>.*)",
    re.DOTALL,
)


class PathAndOptions(NamedTuple):
    """``own.safetensors[simulated=true]`` in its two parts; the second may be empty."""

    path: str
    options: str


def path_and_options(text: str) -> PathAndOptions | None:
    """The parts of a model that is named by the path of its checkpoint; None for any other name."""
    match = None if _AS_OPTION.fullmatch(text) else _PATH.fullmatch(text.strip())
    return PathAndOptions(match["path"], match["rest"]) if match else None


def resolved(text: str) -> str:
    """The text with the path in it made absolute, so that it means the same in every folder."""
    named = path_and_options(text)
    if named:
        return f"{_absolute(named.path)}{named.options}"
    match = _AS_OPTION.fullmatch(text)
    return f"{match['before']}{_absolute(match['path'])}{match['after']}" if match else text


def shipped_name(sha256: str) -> str | None:
    """The name of the shipped checkpoint with these bytes."""
    for path in sorted(SHIPPED.glob("*.json")):
        if read_card(path).get("sha256") == sha256:
            return path.stem
    return None


def file_name(path: str) -> str:
    """The last part of the path, without what has a meaning in names."""
    return re.sub(r"[\[\]:,+=\s]", "-", Path(path).name.encode("utf-8", "replace").decode())


def name_of_unreadable(text: str) -> str:
    """The name of a model that could not be made, from its text alone."""
    named = path_and_options(text)
    return f"{file_name(named.path)}{named.options}" if named else str(parse_spec(text))


def distinct(name: str, taken: Iterable[str], key: str) -> str:
    """``name``, or where it is taken with the beginning of a hash of ``key``: two files may have one name."""
    if name not in taken:
        return name
    base, bracket, options = name.partition("[")
    return f"{base}@{key.removeprefix(OPTION).strip()[:8]}{bracket}{options}"


def _absolute(path: str) -> Path:
    return expanded(path).resolve()
