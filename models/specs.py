"""Names with options, as typed on a command line: ``jvi[order=2]``, which ``jvi:order=2`` means too."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.errors import BadOption, BenchError, UnknownName

Value = bool | int | float | str
_BRACKETS = re.compile(r"^(?P<name>[^\[\]:]+)\[(?P<options>[^\[\]]*)\]$")


@dataclass(frozen=True)
class Spec:
    """A catalogue name and the options given with it; ``str`` is its one canonical spelling."""

    name: str
    options: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        if not self.options:
            return self.name
        return f"{self.name}[{','.join(f'{key}={_shown(value)}' for key, value in self.options)}]"


def _shown(value: Value) -> str:
    """2.0 as 2, true and false as they are typed."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else str(value).lower() if isinstance(value, bool) else str(value)


def parse_spec(text: str) -> Spec:
    """Spec of ``name``, ``name[a=1,b=2]`` or ``name:a=1:b=2``; options are sorted by key."""
    text = text.strip()
    match = _BRACKETS.match(text)
    if match:
        name, parts = match["name"], match["options"].split(",")
    else:
        name, *parts = text.split(":")
    if not name.strip() or set("[]") & set(name):
        raise BadOption(f"'{text}' is no name; write it as name, name[key=value] or name:key=value.")
    pairs = [_pair(part, text) for part in parts if part.strip()]
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise BadOption(f"'{text}' gives a key twice; give each key once.")
    return Spec(name.strip(), tuple(sorted(pairs)))


def split_list(text: str) -> list[str]:
    """The names of a comma-separated list; commas inside brackets belong to the options."""
    return [part.strip() for part in re.split(r",(?![^\[]*\])", text) if part.strip()]


def build(kind: type, given: Mapping[str, Value], called: str) -> Any:
    """``kind(**given)`` for a dataclass, with a sentence for an unknown key or a value of the wrong type."""
    if not dataclasses.is_dataclass(kind):
        raise BadOption(
            f"'{called}' is made from {kind!r}, which is no dataclass; decorate it with @dataclass."
        )
    known = {f.name: f for f in dataclasses.fields(kind) if f.init}
    for key in given:
        if key not in known:
            raise BadOption(f"'{called}' has no option '{key}'{near(key, known)}{_listing(known)}")
    try:
        return kind(**{key: _typed(value, known[key], called) for key, value in given.items()})
    except BenchError:
        raise
    except Exception as error:
        raise BadOption(
            f"'{called}' cannot be made ({type(error).__name__}: {error}); correct its options or its class."
        ) from error


def canonical(spec: Spec, kind: type) -> Spec:
    """The spec with its values typed and without those that are the default: one name for one thing."""
    if not dataclasses.is_dataclass(kind):
        return spec
    known = {f.name: f for f in dataclasses.fields(kind)}
    kept = {key: _typed(value, known[key], str(spec)) for key, value in spec.options if key in known}
    return Spec(spec.name, tuple((key, value) for key, value in kept.items() if value != known[key].default))


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a name that is in no catalogue, with its near matches."""
    known = list(known)
    return UnknownName(
        f"There is no {what} '{name}'{near(name, known)} Known: {', '.join(known)}; --list describes them."
    )


def near(name: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" or a full stop."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(repr(c) for c in close)}?" if close else "."


def _listing(known: Mapping[str, Any]) -> str:
    return f" It takes: {', '.join(known)}." if known else " It takes no options."


def _pair(part: str, text: str) -> tuple[str, Value]:
    key, equals, value = part.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise BadOption(f"'{part}' in '{text}' is not key=value; write for example jvi[order=2].")
    return key.strip(), _value(value.strip())


def _value(text: str) -> Value:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _typed(value: Value, field: dataclasses.Field[Any], called: str) -> Value:
    wanted = field.type if isinstance(field.type, str) else field.type.__name__
    if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted in ("int", "float", "bool", "str") and type(value).__name__ != wanted:
        raise BadOption(f"'{called}': option '{field.name}' takes {_ARTICLES[wanted]}, not '{value}'.")
    return value


_ARTICLES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a word",
}
