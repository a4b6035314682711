"""All contenders, those that can take part in a run, and their fastest sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from evidence_bench.benchmarks.throughput.contender import Contender, Kind, NotHere
from evidence_bench.benchmarks.throughput.limit import LIMIT
from evidence_bench.benchmarks.throughput.ours import EAGER, OWN
from evidence_bench.benchmarks.throughput.pyro_peer import PYRO, PYRO_PARTS
from evidence_bench.benchmarks.throughput.pythae_peer import PYTHAE
from evidence_bench.benchmarks.throughput.subject import Subject
from evidence_bench.benchmarks.throughput.textbook import TEXTBOOK, TEXTBOOK_PARTS
from evidence_bench.benchmarks.throughput.timing import interleaved

KINDS = (LIMIT, OWN, EAGER, TEXTBOOK, TEXTBOOK_PARTS, PYRO, PYRO_PARTS, PYTHAE)
TRIALS = 5


@dataclass(frozen=True)
class Entrant:
    """A contender that takes part, its size (0 where it has none) and itself."""

    kind: Kind
    size: int
    contender: Contender


@dataclass(frozen=True)
class Field:
    """Who takes part, and a sentence for each who does not."""

    entrants: tuple[Entrant, ...]
    absent: dict[str, str]


def gather(subject: Subject, kinds: Sequence[Kind] = KINDS) -> Field:
    """Every contender that is installed and has such a model, at its fastest size."""
    entrants, absent = [], {}
    for kind in kinds:
        try:
            size = fastest_size(kind, subject)
            entrants.append(Entrant(kind, size, kind.make(subject, size)))
        except NotHere as error:
            absent[kind.name] = str(error)
        except Exception as error:  # other people's code may raise anything
            if kind.role != "peer":
                raise
            absent[kind.name] = f"It ended with {type(error).__name__}: {error}"
    return Field(tuple(entrants), absent)


def fastest_size(kind: Kind, subject: Subject) -> int:
    """The size with the least time in a few interleaved trials, before anything is timed for the record."""
    sizes = kind.sizes(subject)
    if len(sizes) < 2:
        return sizes[0] if sizes else 0
    trial = kind.trial(subject)
    works = {str(size): kind.make(trial, size).run for size in sizes}
    with torch.random.fork_rng(_devices(subject)):
        times = interleaved(works, subject.x.device, seconds=0, fewest=TRIALS, most=TRIALS)
    least = {size: min(times.wall[str(size)]) for size in sizes}
    return min(least, key=lambda size: least[size])


def entrant(name: str, subject: Subject, sizes: Mapping[str, int]) -> Contender:
    """One contender by name at a size that is known."""
    (kind,) = (kind for kind in KINDS if kind.name == name)
    return kind.make(subject, sizes.get(name, 0))


def _devices(subject: Subject) -> list[torch.device]:
    return [subject.x.device] if subject.x.device.type == "cuda" else []
