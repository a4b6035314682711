"""Why a cell could not be measured."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from evidence_bench.benchmarks.settings import Cell
from evidence_bench.models.errors import NO_MEMORY, BenchError, out_of_memory

SMALLER = "lower --points, --replicates or --samples"


@dataclass(frozen=True)
class Failure:
    """A cell that could not be measured: why, in a sentence, and the traceback for who wants it.

    Not ``applicable``: nothing broke, but the sampler has no meaning on this model.
    """

    cell: Cell
    reason: str
    detail: str = ""
    applicable: bool = True

    @staticmethod
    def of(cell: Cell, error: Exception) -> Failure:
        """From the error that ended it, with its traceback."""
        return Failure(cell, sentence_of(error), "".join(traceback.format_exception(error)))


def sentence_of(error: Exception) -> str:
    """An error in words; our own sentences stand alone, others are named by their class and place."""
    if out_of_memory(error):
        return f"{NO_MEMORY}{_place(error)}; {SMALLER}."
    text = str(error).strip() or "no message"
    return text if isinstance(error, BenchError) else f"{type(error).__name__}: {text}{_place(error)}"


def _place(error: Exception) -> str:
    """Where in code that is no library the error was raised, such as " (mine.py, line 12)"."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    return f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""
