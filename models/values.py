"""Values of options: from the text that was typed to the type that the field of a dataclass wants."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

from evidence_bench.models.errors import BadOption

Value = bool | int | float | str | None
_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
    type(None): "none",
}


def types_of(kind: type) -> dict[str, tuple[Any, ...]]:
    """The types that each field of the dataclass may have; none where that cannot be told."""
    try:
        hints = typing.get_type_hints(kind)
    except Exception:  # a name in an annotation that is not there when the program runs
        hints = {}
    return {f.name: _members(hints.get(f.name, f.type)) for f in dataclasses.fields(kind)}


def typed(value: Value, key: str, wanted: tuple[Any, ...], called: str) -> Value:
    """The value in the first of the types ``wanted`` that takes it: text stays text where text is wanted.

    BadOption where none does. Nothing wanted: what the text looks like.
    """
    order = [kind for kind in _WORDS if kind in wanted]
    if not order or len(order) < len(wanted):
        return _guessed(value)
    for kind in sorted(order, key=lambda kind: kind is str):  # every text is a text: that comes last
        found, fits = _as(value, kind)
        if fits:
            return found
    words = " or ".join(_WORDS[kind] for kind in order)
    raise BadOption(f"'{called}': option '{key}' takes {words}, not '{value}'.")


def shown(value: Value) -> str:
    """2.0 as 2, true and false as they are typed."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    if whole:
        return str(int(typing.cast(float, value)))
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type; a name that could not be resolved by itself."""
    if isinstance(hint, str):
        by_name = {kind.__name__: kind for kind in (bool, int, float, str)} | {"None": type(None)}
        return tuple(by_name.get(part.strip(), part) for part in hint.split("|"))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


def _as(value: Value, kind: type) -> tuple[Value, bool]:
    """The value as that type, and whether it can be one."""
    if not isinstance(value, str):
        if kind is float and type(value) is int:
            return float(value), True
        return value, type(value) is kind
    if kind in (int, float):
        try:
            return kind(value), True
        except ValueError:
            return value, False
    if kind is bool:
        return value.lower() == "true", value.lower() in ("true", "false")
    if kind is type(None):
        return None, value.lower() == "none"
    return value, True


def _guessed(value: Value) -> Value:
    if isinstance(value, str):
        for kind in (bool, int, float):
            found, fits = _as(value, kind)
            if fits:
                return found
    return value
