"""Names with options, as typed on a command line: ``jvi[order=2]``, which ``jvi:order=2`` means too."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evidence_bench.models.errors import BadOption, BenchError, UnknownName
from evidence_bench.models.values import Value, shown, typed, types_of

PACKAGE = __name__.partition(".")[0]
_MIXED = re.compile(r":(?=\w+=)")
_BRACKETS = re.compile(r"^(?P<name>[^\[\]:]+)\[(?P<options>[^\[\]]*)\]$")


@dataclass(frozen=True)
class Spec:
    """A catalogue name and the options given with it, as text until it is known what takes them.

    ``str`` of a ``canonical`` one is its one spelling.
    """

    name: str
    options: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        if not self.options:
            return self.name
        return f"{self.name}[{','.join(f'{key}={shown(value)}' for key, value in self.options)}]"


def parse_spec(text: str) -> Spec:
    """Spec of ``name``, ``name[a=1,b=2]`` or ``name:a=1:b=2``; options are sorted by key."""
    text = text.strip()
    match = _BRACKETS.match(text)
    if match:
        name, parts = match["name"], match["options"].split(",")
        _refuse_colons(text, parts)
    else:
        name, *parts = text.split(":")
    if not name.strip() or set("[]") & set(name):
        raise BadOption(f"'{text}' is no name; write it as name, name[key=value] or name:key=value.")
    pairs = [_pair(part, text) for part in parts if part.strip()]
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise BadOption(f"'{text}' gives a key twice; give each key once.")
    return Spec(name.strip(), tuple(sorted(pairs)))


def _refuse_colons(text: str, parts: Iterable[str]) -> None:
    """BadOption for ``a=1:b=2`` inside brackets, where ``1:b=2`` would be the value of a, as a path may."""
    if any(_MIXED.search(part) and "/" not in part for part in parts):
        instead = _MIXED.sub(",", text)
        raise BadOption(f"'{text}': inside brackets a comma stands between options; write '{instead}'.")


def split_list(text: str) -> list[str]:
    """The names of a comma-separated list; commas inside brackets belong to the options."""
    return [part.strip() for part in re.split(r",(?![^\[]*\])", text) if part.strip()]


def halves(text: str) -> list[str]:
    """The names of ``sampler+reducer``; a + inside brackets belongs to a number, as in 1e+3."""
    return re.split(r"\+(?![^\[]*\])", text)


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
        types = types_of(kind)
        return kind(**{key: typed(value, key, types[key], called) for key, value in given.items()})
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
    types = types_of(kind)
    kept = {key: typed(value, key, types[key], str(spec)) for key, value in spec.options if key in known}
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


def _pair(part: str, text: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise BadOption(f"'{part}' in '{text}' is not key=value; write for example jvi[order=2].")
    return key.strip(), value.strip()


def load(kind: Any) -> Any:
    """What "module:Name" stands for, the module below this package; anything else is itself."""
    if not isinstance(kind, str):
        return kind
    module, _, name = kind.partition(":")
    return getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
