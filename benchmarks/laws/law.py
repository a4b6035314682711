"""A law, what it says of its subject, and how outcomes on several cases become one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from benchmarks.failure import sentence_of

Subject = TypeVar("Subject")


class Says(StrEnum):
    """What a law says; in the order of how much it matters."""

    FAILS = "fails"
    UNDECIDED = "undecided"
    HOLDS = "holds"
    SILENT = "does not apply"


@dataclass(frozen=True)
class Outcome:
    """What a law says of a subject, in a sentence; ``figure`` is by how much it is off, if there is one."""

    says: Says
    sentence: str
    figure: float = math.nan

    @property
    def fails(self) -> bool:
        """Whether the law is broken."""
        return self.says is Says.FAILS


def holds(sentence: str, figure: float = math.nan) -> Outcome:
    """The law was tried and nothing speaks against it."""
    return Outcome(Says.HOLDS, sentence, figure)


def fails(sentence: str, figure: float = math.nan) -> Outcome:
    """The law is broken."""
    return Outcome(Says.FAILS, sentence, figure)


def undecided(sentence: str, figure: float = math.nan) -> Outcome:
    """The law was tried and the data cannot tell."""
    return Outcome(Says.UNDECIDED, sentence, figure)


def silent(sentence: str) -> Outcome:
    """There is nothing to try."""
    return Outcome(Says.SILENT, sentence)


def _always(_: object) -> str:
    return ""


@dataclass(frozen=True)
class Law(Generic[Subject]):
    """``name``, what it says in general (``about``), and ``run``, which says it of one subject.

    ``why_not`` is the reason why the law does not apply to a subject, empty where it does.
    """

    name: str
    about: str
    run: Callable[[Subject], Outcome]
    why_not: Callable[[Subject], str] = _always

    def __call__(self, subject: Subject) -> Outcome:
        """The outcome; whatever the subject raises on the way is a failure with its place."""
        try:
            reason = self.why_not(subject)
            return silent(reason) if reason else self.run(subject)
        except Exception as error:
            return fails(f"it raises {sentence_of(error)}")


def worst(outcomes: Iterable[tuple[str, Outcome]]) -> Outcome:
    """One outcome from those on several cases: the first that fails, else undecided, else holds."""
    known = list(outcomes)
    for says in Says:
        chosen = [(name, outcome) for name, outcome in known if outcome.says is says]
        if chosen:
            return _joined(chosen, len(known), says)
    return silent("there is no case to try it on.")


def _joined(chosen: list[tuple[str, Outcome]], cases: int, says: Says) -> Outcome:
    """The outcome of largest figure with its case, and on how many the others say the same."""

    def size(pair: tuple[str, Outcome]) -> float:
        figure = abs(pair[1].figure)
        return -1.0 if math.isnan(figure) else figure

    name, outcome = max(chosen, key=size)
    if cases == 1 or says is Says.SILENT:
        return outcome
    where = f"on {name}" if len(chosen) == 1 else f"on {len(chosen)} of {cases} models, such as {name}"
    return Outcome(says, f"{where}: {outcome.sentence}", outcome.figure)
