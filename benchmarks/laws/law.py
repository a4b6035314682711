"""A law, what it says of its subject, and how outcomes on several cases become one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from evidence_bench.benchmarks.measuring.failure import sentence_of

Subject = TypeVar("Subject")


class Says(StrEnum):
    """What a law says."""

    FAILS = "fails"
    UNDECIDED = "undecided"
    HOLDS = "holds"
    SILENT = "does not apply"


@dataclass(frozen=True)
class Outcome:
    """What a law says of a subject, in a sentence; ``figure`` is by how much it is off, if there is one.

    ``stderr`` is its standard error where there is chance in it.
    """

    says: Says
    sentence: str
    figure: float = math.nan
    stderr: float = math.nan

    @property
    def fails(self) -> bool:
        """Whether the law is broken."""
        return self.says is Says.FAILS


def holds(sentence: str, figure: float = math.nan, stderr: float = math.nan) -> Outcome:
    """The law was tried and nothing speaks against it."""
    return Outcome(Says.HOLDS, sentence, figure, stderr)


def fails(sentence: str, figure: float = math.nan, stderr: float = math.nan) -> Outcome:
    """The law is broken."""
    return Outcome(Says.FAILS, sentence, figure, stderr)


def undecided(sentence: str, figure: float = math.nan, stderr: float = math.nan) -> Outcome:
    """The law was tried and the data cannot tell."""
    return Outcome(Says.UNDECIDED, sentence, figure, stderr)


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


_TELLING = (Says.FAILS, Says.HOLDS, Says.UNDECIDED, Says.SILENT)


def joined(outcomes: Iterable[tuple[str, Outcome]]) -> Outcome:
    """One outcome from those on several cases by name: fails if one does, else holds if one does.

    Its sentence is that of the case which is furthest off, with how many others say the same.
    """
    known = list(outcomes)
    tried = [pair for pair in known if pair[1].says is not Says.SILENT] or known
    for says in _TELLING:
        same = [pair for pair in tried if pair[1].says is says]
        if same:
            name, outcome = max(same, key=_size)
            return Outcome(
                says, _told(name, outcome.sentence, len(same), len(tried)), outcome.figure, outcome.stderr
            )
    return silent("there is no case to try it on.")


def _size(pair: tuple[str, Outcome]) -> float:
    figure = abs(pair[1].figure)
    return -1.0 if math.isnan(figure) else figure


def _told(name: str, sentence: str, same: int, tried: int) -> str:
    if tried == 1:
        return sentence if not name else f"{name}: {sentence}"
    return f"{name}: {sentence} ({f'all {tried}' if same == tried else f'{same} of {tried}'} alike)"
