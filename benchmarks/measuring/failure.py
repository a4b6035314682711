"""Why a cell could not be measured."""

from __future__ import annotations

import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

from evidence_bench import PARTS
from evidence_bench.benchmarks.record.sources import ROOT
from evidence_bench.benchmarks.study.settings import Cell
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
        detail = "".join(traceback.format_exception(error))
        bare = not isinstance(error, BenchError) and not out_of_memory(error)
        return Failure(cell, sentence_of(error) + (f"; {_whose(error)}." if bare else ""), detail)


def sentence_of(error: Exception) -> str:
    """An error in words; our own sentences stand alone, others are named by their class and place."""
    if out_of_memory(error):
        return f"{NO_MEMORY}{_place(error)}; {SMALLER}."
    text = str(error).strip() or "no message"
    return text if isinstance(error, BenchError) else f"{type(error).__name__}: {text}{_place(error)}"


def _place(error: Exception) -> str:
    """Where in code that is no library the error was raised, such as " (mine.py, line 12)"."""
    at = _last_frame(error)
    return f" ({Path(at.filename).name}, line {at.lineno})" if at else ""


def _whose(error: Exception) -> str:
    """Whose code raised what is no sentence of ours, and what to do about it."""
    at = _last_frame(error)
    if at and not _is_ours(at):
        return "that is your own code: correct it there (status.json has the traceback)"
    return "that is code of this program: please report it with the traceback in status.json"


def _last_frame(error: Exception) -> traceback.FrameSummary | None:
    """Where a user's own code was last, or else ours; libraries and Python itself apart."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _is_library(f)]
    theirs = [frame for frame in frames if not _is_ours(frame)]
    return next(reversed(theirs or frames), None)


def _is_library(frame: traceback.FrameSummary) -> bool:
    python = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    return "site-packages" in frame.filename or frame.filename.startswith(("<", *python))


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return any(Path(frame.filename).resolve().is_relative_to(ROOT / part) for part in PARTS)
