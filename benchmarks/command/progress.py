"""How far a run is, on stderr: a bar with the time left on a terminal.

Elsewhere one line for each model and estimator that was measured, and for each that was timed, and one more
where nothing was said for ten seconds; what goes wrong is always said, once for all cells of a model that it
stops.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from evidence_bench.benchmarks.command.headway import LOG_EVIDENCE
from evidence_bench.benchmarks.command.terminal import console as console_of
from evidence_bench.benchmarks.study.settings import Cell

LINES_APART = 10.0  # seconds
ROUTINE = ("measured", "timed")


class Reporter:
    """Counts work done out of ``total`` (in evaluations, so that the time left is about right)."""

    def __init__(self, total: float) -> None:
        self._total = max(total, 1.0)
        self._done = 0.0
        self._start = time.monotonic()
        self._since, self._part_said = 0.0, False  # of the part that is being worked at
        self._said: set[tuple[str, ...]] = set()
        self._last_line = self._start
        console = console_of(80, errors=True)
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, TimeRemainingColumn(), console=console)
            self._task = self._bar.add_task("measuring", total=self._total)

    def __enter__(self) -> Reporter:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, work: float) -> None:
        """So much of the total is done."""
        self._done += work
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)

    def cell(self, cell: Cell, what: str) -> None:
        """Say what became of a cell."""
        name = f"{cell.model}  {cell.estimator}  K={cell.k}"
        worth_a_line = self._worth_a_line(cell, what)
        if self._bar is not None:
            self._bar.update(self._task, description=f"{what:<10} {name}")
            if what.startswith("failed") and worth_a_line:
                self._bar.console.print(f"{name}: {what}")
        elif worth_a_line:
            share = self._done / self._total
            left = _left(time.monotonic() - self._start, share)
            print(f"[{share:4.0%}{left}] {name}: {what}", file=sys.stderr)

    def _worth_a_line(self, cell: Cell, what: str) -> bool:
        """Whether this is the first of its kind, goes wrong anew, or follows ten seconds of silence."""
        kind, now = what.partition(",")[0], time.monotonic()
        routine = kind in ROUTINE
        said = (cell.model, cell.estimator, kind) if routine else (cell.model, what)
        if said in self._said and not (routine and now - self._last_line >= LINES_APART):
            return False
        self._said.add(said)
        self._last_line = now
        return True

    def part(self, model: str, what: str, done: int, total: int) -> None:
        """How far data, references or draws of a model are, for ``headway.watched``.

        Without a terminal a line after ten seconds of silence; log p(x) has one when it begins. What has a
        line has one at its end.
        """
        now = time.monotonic()
        if not done:
            self._since, self._part_said = now, False
        text = f"{model}, {what}: {done} of {total} points{_left(now - self._since, done / total)}"
        if self._bar is not None:
            self._bar.update(self._task, description=text)
        elif self._worth_saying(what, done, total):
            self._last_line, self._part_said = now, True
            print(text, file=sys.stderr)

    def _worth_saying(self, what: str, done: int, total: int) -> bool:
        begins = not done and what.startswith(LOG_EVIDENCE)
        ends = done == total and self._part_said
        return begins or ends or (done > 0 and time.monotonic() - self._last_line >= LINES_APART)


def _left(spent: float, share: float) -> str:
    """ ", 20 s left" once there is something to go by."""
    return f", {spent * (1 / share - 1):.0f} s left" if spent >= 1 and 0 < share < 1 else ""
