"""The end of a run on stdout: what it found, what speaks against it, what is missing, where the report is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence_bench.benchmarks.command.terminal import console as console_of
from evidence_bench.benchmarks.recommendations.budget import Budget
from evidence_bench.benchmarks.record.flags import Level
from evidence_bench.reports.answers import answers
from evidence_bench.reports.read import Run
from evidence_bench.reports.reasons import Reason, distrusted, not_measured
from evidence_bench.reports.terminal.answer import WITHOUT_A_TERMINAL, print_answers
from evidence_bench.reports.terminal.table import largest_k


def print_summary(run: Run, report: Path, budgets: Sequence[Budget] = ()) -> None:
    """The answer, each model and estimator at its largest K, what failed and why, and where the report is."""
    console = console_of(WITHOUT_A_TERMINAL)
    print_answers(console, answers(run, budgets))
    if len(run.results):
        console.print(largest_k(run.results, console.width))
    for line in (*_warnings(run), *_missing(run), *_interrupted(run, report.parent)):
        console.print(line, soft_wrap=True)
    console.print(f"Report: {report}", soft_wrap=True)


def _warnings(run: Run) -> list[str]:
    """The flags that speak against a figure, each with its worst row and its cells."""
    return [
        f"WARNING {models}: {warned.sentence} Worst: {warned.worst}. Cells: {cells}."
        for warned in distrusted(run)
        if warned.level is not Level.NOTE
        for models, cells in warned.lines
    ]


def _missing(run: Run) -> list[str]:
    """What was set aside, what is not known, what failed."""
    aside, failed = (not_measured(run, key) for key in ("not_applicable", "failed"))
    unknown = run.results.loc[run.results["reference"].isna(), "model"].unique()
    return [
        *(f"Not applicable: {cells} on {models} ({why})" for models, cells, why in _lines(aside)),
        *(f"log p(x) of {model} is not known, so it has no bias and no RMSE." for model in unknown),
        *(f"FAILED {models}, {cells}: {why}" for models, cells, why in _lines(failed)),
    ]


def _lines(found: list[Reason]) -> list[tuple[str, str, str]]:
    """(models, cells, reason) of every line."""
    return [(models, cells, one.reason) for one in found for models, cells in one.lines]


def _interrupted(run: Run, folder: Path) -> list[str]:
    if not run.status.get("interrupted"):
        return []
    return [
        f"Interrupted; finished cells kept: {len(run.results)}. Continue with: --resume --output {folder}"
    ]
