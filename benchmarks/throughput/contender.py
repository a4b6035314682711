"""What every contender offers, and the sentence for one that cannot take part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from evidence_bench.benchmarks.throughput.subject import Subject
from evidence_bench.models.errors import BenchError


class NotHere(BenchError):
    """A contender that is not installed, or that has no such model."""


@dataclass(frozen=True)
class Replay:
    """What a contender returned and the latents z [B, K, L] that it drew on its way.

    ``values`` are log weights [B, K], or where the contender keeps those to itself, estimates [B].
    """

    values: Tensor
    z: Tensor


class Contender(Protocol):
    """One way to the log weights of a subject."""

    def run(self) -> object:
        """All log weights (or estimates) of the subject; what is timed."""
        ...

    def replay(self, samples: int) -> Replay | None:
        """A small run by the same code together with its z; None where there are no log weights."""
        ...


@dataclass(frozen=True)
class Kind:
    """A contender's name, what it is in words, and how it is made: ``make(subject, size)``.

    ``sizes(subject)`` are the chunk, part or batch sizes among which the fastest is chosen by ``trial``
    runs before anything is timed; none where it has no such size. ``role``: limit, own, textbook or peer.
    ``headline``: it counts in the ratios that come first. ``own_memory``: whether a process of its own would
    show the memory of its work (and not that of a compiler).
    """

    name: str
    about: str
    role: str
    make: Callable[[Subject, int], Contender]
    sizes: Callable[[Subject], tuple[int, ...]] = lambda subject: ()
    trial: Callable[[Subject], Subject] = lambda subject: subject
    headline: bool = True
    own_memory: bool = True
