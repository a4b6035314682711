"""The options of what a catalogue names, with defaults and meanings, read from the source without running it.

An option is a field of a dataclass; its meaning is the comment that ends its line. Nothing is imported, so
that ``--list`` answers at once and needs no torch.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGE = __name__.partition(".")[0]


@dataclass(frozen=True)
class Option:
    """A name, the default as it is typed ("" where it must be given) and what it means ("" where unsaid)."""

    name: str
    default: str
    meaning: str


def options_of(kind: Any) -> tuple[Option, ...]:
    """The options of "module:Class", of a dataclass or of an instance of one; none of anything else."""
    if isinstance(kind, str):
        module, _, name = kind.partition(":")
        return tuple(_of_source(_file(module), name).values())
    made_of: type = kind if isinstance(kind, type) else type(kind)
    if not dataclasses.is_dataclass(made_of):
        return ()
    told = _told_by_source(made_of)
    return tuple(
        told.get(f.name, Option(f.name, "" if f.default is dataclasses.MISSING else str(f.default), ""))
        for f in dataclasses.fields(made_of)
        if f.init
    )


def _told_by_source(kind: type) -> dict[str, Option]:
    """What the source says, nothing where it cannot be read."""
    try:
        return _of_source(Path(inspect.getfile(kind)), kind.__name__)
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}


def _of_source(file: Path, name: str) -> dict[str, Option]:
    """By name, those of the bases first; an imported class is followed to where it is made."""
    tree, lines = _parsed(file)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            found: dict[str, Option] = {}
            for base in node.bases:
                if isinstance(base, ast.Name):
                    found |= _of_source(file, base.id)
            return found | {option.name: option for option in _fields(node, lines)}
    source = _imported_from(tree, name)
    return _of_source(_file(source), name) if source and _file(source).is_file() else {}


def _fields(node: ast.ClassDef, lines: list[str]) -> Iterator[Option]:
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            if "ClassVar" in ast.unparse(one.annotation) or one.target.id.startswith("_"):
                continue
            comment = lines[(one.end_lineno or one.lineno) - 1].partition("  # ")[2].strip()
            yield Option(one.target.id, _typed(one.value), comment)


def _typed(value: ast.expr | None) -> str:
    """The default as it would be typed after the equals sign."""
    if isinstance(value, ast.Constant):
        return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
    return "" if value is None else ast.unparse(value)


def _imported_from(tree: ast.Module, name: str) -> str:
    """The module that the name is imported from, "" where it is not."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and name in {alias.name for alias in node.names}:
            return node.module
    return ""


def _file(module: str) -> Path:
    path = _ROOT.joinpath(*module.removeprefix(f"{_PACKAGE}.").split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@lru_cache(maxsize=64)
def _parsed(file: Path) -> tuple[ast.Module, list[str]]:
    text = file.read_text(encoding="utf-8")
    return ast.parse(text), text.splitlines()
