"""The table at the end of a run, on stdout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.study import Progressed


def print_summary(table: pd.DataFrame, progressed: Progressed, report: Path) -> None:
    """Each model and estimator at its largest K, what failed and why, and where the report is."""
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 150)
    if len(table):
        console.print(_largest_k(table))
    for line in _not_applicable(progressed.not_applicable):
        console.print(line, markup=False)
    for failed in progressed.failed:
        console.print(
            f"FAILED {failed['model']} {failed['estimator']} K={failed['k']}: {failed['reason']}",
            markup=False,
        )
    if progressed.interrupted:
        folder = report.parent
        console.print(
            f"Interrupted; {len(table)} finished cells are kept. Continue with: --resume --output {folder}",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"Report: {report}", markup=False, soft_wrap=True)


def plus_minus(value: float, stderr: float) -> str:
    """Value and standard error with two digits of the error, such as -0.01234 ± 0.00056."""
    if not np.isfinite(value):
        return "" if np.isnan(value) else str(value)
    if not np.isfinite(stderr) or stderr <= 0:
        return f"{value:.4g}"
    digits = max(0, 1 - int(np.floor(np.log10(stderr))))
    return f"{value:.{digits}f} ± {stderr:.{digits}f}" if digits < 9 else f"{value:.2e} ± {stderr:.1e}"


def _largest_k(table: pd.DataFrame) -> Table:
    shown = Table(
        title="At the largest K of each, ± one standard error (points fixed)",
        title_justify="left",
        box=SIMPLE,
    )
    for name in ("model", "estimator"):
        shown.add_column(name, no_wrap=True)
    for name in ("K", "bias, nats", "variance, nats²", "RMSE, nats", "evaluations", "seconds", "k-hat"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("Proposition 2", min_width=12)
    for _, row in table.loc[table.groupby(["model", "estimator"], sort=False)["k"].idxmax()].iterrows():
        shown.add_row(*_cells(row))
    return shown


def _cells(row: pd.Series) -> list[str]:
    controlled = np.isfinite(row["bias_controlled"])
    kind = "bias_controlled" if controlled else "bias"
    return [
        escape(row["model"]),
        escape(row["estimator"]),
        str(row["k"]),
        plus_minus(row[kind], row[f"{kind}_stderr"]),
        plus_minus(row["variance"], row["variance_stderr"]),
        plus_minus(row["rmse"], row["rmse_stderr"]),
        f"{row['evaluations']:.0f}",
        f"{row['seconds']:.3g}",
        "" if np.isnan(row["khat"]) else f"{row['khat']:.2f}",
        row["verdict"],
    ]


def _not_applicable(rows: list[dict[str, Any]]) -> list[str]:
    """One line an estimator: its K that were set aside, on which models, and the reason."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["estimator"], row["reason"]), []).append(row)
    return [f"Not applicable: {name} {_where(group)} ({reason})" for (name, reason), group in groups.items()]


def _where(rows: list[dict[str, Any]]) -> str:
    ks = ", ".join(map(str, sorted({row["k"] for row in rows})))
    return f"at K = {ks} on {', '.join(dict.fromkeys(row['model'] for row in rows))}"
