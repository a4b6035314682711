"""Errors a user can act on: each message is a sentence that ends with a remedy."""

from __future__ import annotations

from collections.abc import Iterable


class BenchError(Exception):
    """Something the user asked for cannot be done; the message says what to do instead."""


class UnknownName(BenchError):
    """A name or a key that is in no catalogue."""


class BadOption(BenchError):
    """An option with a value that its estimator or model does not take."""


class NotApplicable(BenchError):
    """A legal request that has no meaning here, such as K below an estimator's minimum."""


class NotBijective(NotApplicable):
    """A sampler that works in noise space met a proposal that is no bijection of N(0, I)."""


class BadWeights(BenchError, ValueError):
    """NaN or +inf among the log importance weights, or weights of the wrong shape.

    ``rows``: the rows of x it happened in, where they are known.
    """

    def __init__(self, sentence: str, rows: Iterable[int] = ()) -> None:
        super().__init__(sentence)
        self.rows = tuple(rows)


class BadModel(BenchError):
    """A model that lacks a part, or one of whose parts is not what its interface says."""


class CorruptCheckpoint(BenchError):
    """A checkpoint whose bytes are not those that its card describes."""


class BadTraining(BenchError):
    """A training whose objective is no longer finite; the message names the batch."""


class MissingPackage(BenchError):
    """A package that only this needs is not installed; the message names the extra that has it."""


class MissingData(BenchError):
    """A data file that is not where it was looked for and cannot be had from elsewhere."""


class BadData(BenchError):
    """A data file that is truncated, corrupt, or not the one that its name says."""


NO_MEMORY = "the memory ran out"
_ALLOCATORS = ("can't allocate memory", "out of memory")  # what torch's say, on a CPU and on a GPU


def out_of_memory(error: BaseException) -> bool:
    """Whether the error is that there was not enough memory."""
    text = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(said in text for said in _ALLOCATORS)
    )
