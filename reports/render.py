"""One HTML file from a run folder, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.schema import COLUMNS, SLOPE_COLUMNS
from models.errors import BenchError
from reports import about, summary
from reports.figures import csv_link, draw_all
from reports.numbers import whole
from reports.read import Run, listed, read_run
from reports.styles import css_variables
from reports.table import full_table, slopes_table


def render_report(run_folder: Path, output: Path | None = None) -> Path:
    """Write the report of ``run_folder`` to ``output`` (RUN/report.html) and return its path.

    Raises UnreadableRun where the folder is no run, BenchError where the file cannot be written.
    """
    output = run_folder / "report.html" if output is None else output
    html = to_html(read_run(run_folder))
    try:
        _write(output, html)
    except OSError as error:
        raise BenchError(
            f"'{output}' cannot be written ({error}); give another file with --output."
        ) from error
    return output


def to_html(run: Run) -> str:
    """The report as one self-contained page; the same run gives the same bytes."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source, _, _ = environment.loader.get_source(environment, "style.css")  # type: ignore[union-attr]
    return environment.get_template("report.html.j2").render(
        style=Markup(source),  # the package's own file
        palette=css_variables(),
        **_contents(run),
    )


def _contents(run: Run) -> dict[str, Any]:
    legend, figures = draw_all(run)
    best, silent = summary.best_by_model(run)
    return {
        "run": run,
        "cards": _cards(run),
        "state": _state(run),
        "legend": legend,
        "figures": figures,
        "best": best,
        "silent": silent,
        "symbols": summary.VERDICTS,
        "propositions": [
            (title, summary.verdict_count(run, column), summary.verdicts(run, column), column == "verdict")
            for title, column in (
                ("Proposition 2, variance", "verdict"),
                ("Proposition 1, bias", "verdict_bias"),
            )
        ],
        "failed": summary.not_measured(run, "failed"),
        "not_applicable": summary.not_measured(run, "not_applicable"),
        "distrusted": summary.distrusted(run),
        "table": full_table(run.results),
        "slopes": slopes_table(run.slopes),
        "results_csv": csv_link(run.results),
        "documentation": [("results", COLUMNS), ("slopes", SLOPE_COLUMNS)],
        "estimators": about.estimators(run),
        "models": about.models(run),
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
        (
            whole(len(run.models)),
            "models whose truth is known" if len(run.models) != 1 else "model of known truth",
        ),
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


def _write(path: Path, html: str) -> None:
    """Through a temporary file in the same folder, so that a reader sees the old report or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
