"""One HTML file from a run folder, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.recommendations.budget import Budget
from evidence_bench.benchmarks.record.schema import COLUMNS, SLOPE_COLUMNS
from evidence_bench.reports import about, answers, claims, paper, reasons, summary
from evidence_bench.reports.figures.drawing import csv_link, draw_all
from evidence_bench.reports.numbers import whole
from evidence_bench.reports.page import fill, write_page
from evidence_bench.reports.read import Run, listed, read_run
from evidence_bench.reports.table import full_table, slopes_table

REPORT = "report.html"


def render_report(run_folder: Path, output: Path | None = None, budgets: Sequence[Budget] = ()) -> Path:
    """Write the report of ``run_folder`` to ``output`` (RUN/report.html) and return its path.

    It recommends at ``budgets``, or at the usual ones.

    Raises UnreadableRun where the folder is no run, BenchError where the file cannot be written.
    """
    return write_report(read_run(run_folder), output or run_folder / REPORT, budgets)


def write_report(run: Run, output: Path, budgets: Sequence[Budget] = ()) -> Path:
    """The same of a run that was read already."""
    return write_page(to_html(run, budgets), output)


def to_html(run: Run, budgets: Sequence[Budget] = ()) -> str:
    """The report as one self-contained page; the same run gives the same bytes."""
    return fill("report.html.j2", _contents(run, budgets))


def _contents(run: Run, budgets: Sequence[Budget]) -> dict[str, Any]:
    legend, figures = draw_all(run)
    if run.paper:  # its studies measure each image once where that is enough: then some figures are empty
        figures = [figure for figure in figures if any(panel.body for panel in figure.panels)]
    found = answers.answers(run, budgets)
    return {
        "run": run,
        "answers": found,
        "marks": answers.marks(found),
        "cards": _cards(run),
        "state": _state(run),
        "legend": legend,
        "figures": figures,
        "paper": paper.tables(run),
        "activity": paper.activity(run),
        "measured_truths": summary.measured_truths(run),
        "symbols": summary.VERDICTS,
        "propositions": [
            (title, summary.verdict_count(run, column), summary.verdicts(run, column), column == "verdict")
            for title, column in (
                ("Proposition 2, variance", "verdict"),
                ("Proposition 1, bias", "verdict_bias"),
            )
        ],
        "failed": reasons.not_measured(run, "failed"),
        "not_applicable": reasons.not_measured(run, "not_applicable"),
        "distrusted": reasons.distrusted(run),
        "table": full_table(run.results),
        "slopes": slopes_table(run.slopes),
        "results_csv": csv_link(run.results),
        "documentation": [("results", COLUMNS), ("slopes", SLOPE_COLUMNS)],
        "estimators": about.estimators(run),
        "claims": claims.claims(run),
        "models": about.models(run),
        "evidence": about.mean_evidence(run),
        "provenance": about.facts(run.provenance, ("command",)),
        "configuration": about.facts(run.config, ("described",)),
        "command": about.command(run),
    }


def _cards(run: Run) -> list[tuple[str, str]]:
    """(figure, what it counts) of the facts that come first."""
    results = run.results
    if results.empty:
        return []
    ks, sizes = results["k"], {c: sorted(set(results[c].dropna())) for c in ("replicates", "points")}
    return [
        (whole(len(results)), "finished cells (model, estimator, K)"),
        (whole(len(run.models)), f"{'models' if len(run.models) != 1 else 'model'}, {summary.known(run)}"),
        (whole(len(run.estimators)), "estimators" if len(run.estimators) != 1 else "estimator"),
        (f"{whole(ks.min())} to {whole(ks.max())}", "K, samples an estimate"),
        (_either(sizes["replicates"]), "replicates of every estimate"),
        (_either(sizes["points"]), "data points"),
    ]


def _either(values: list[float]) -> str:
    return (
        " or ".join(whole(value) for value in values) if len(values) < 3 else f"{whole(values[0])} and more"
    )


def _state(run: Run) -> str:
    """A sentence about what is missing from the run, empty where it is complete."""
    status: Mapping[str, Any] = run.status
    finished, total = status.get("finished"), status.get("total")
    counted = (
        f"{finished} of {total} cells are finished" if finished is not None and total is not None else ""
    )
    if status.get("interrupted"):
        return f"This run was interrupted: {counted or 'some cells are missing'}. Finish it with --resume."
    if listed(status, "failed"):
        failed = len(listed(status, "failed"))
        return (
            f"{failed} {'cell' if failed == 1 else 'cells'} failed; {counted or 'the others are finished'}."
        )
    return ""
