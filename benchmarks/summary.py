"""The table at the end of a run, on stdout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.table import Table

from benchmarks.study import Progressed
from benchmarks.terminal import console as console_of


def print_summary(table: pd.DataFrame, progressed: Progressed, report: Path) -> None:
    """Each model and estimator at its largest K, what failed and why, and where the report is."""
    console = console_of(170)
    if len(table):
        console.print(_largest_k(table, console.width))
    for line in _failed_checks(table):
        console.print(line, soft_wrap=True)
    for line in _not_applicable(progressed.not_applicable):
        console.print(line)
    for line in [*_unknown_truths(table), *_failed(progressed.failed)]:
        console.print(line, soft_wrap=True)
    if progressed.interrupted:
        folder = report.parent
        console.print(
            f"Interrupted; {len(table)} finished cells are kept. Continue with: --resume --output {folder}",
            soft_wrap=True,
        )
    console.print(f"Report: {report}", soft_wrap=True)


def plus_minus(value: float, stderr: float) -> str:
    """Value and standard error with two digits of the error, such as -0.01234 ± 0.00056."""
    if not np.isfinite(value):
        return "" if np.isnan(value) else str(value)
    if not np.isfinite(stderr) or stderr <= 0:
        return f"{value:.4g}"
    digits = max(0, 1 - int(np.floor(np.log10(stderr))))
    return f"{value:.{digits}f} ± {stderr:.{digits}f}" if digits < 9 else f"{value:.2e} ± {stderr:.1e}"


def _largest_k(table: pd.DataFrame, width: int) -> Table:
    """One row a model and estimator; on a narrow terminal fewer columns, never a number cut short."""
    shown = Table(
        title="At the largest K of each, ± one standard error, points fixed",
        title_justify="left",
        box=SIMPLE,
    )
    columns = [column for column in _COLUMNS if width >= column.least_width]
    for column in columns:
        words = column.name in ("model", "estimator")
        shown.add_column(
            column.name, justify="left" if words else "right", no_wrap=not words, overflow="fold"
        )
    last = table.loc[table.groupby(["model", "estimator"], sort=False)["k"].idxmax()]
    for _, row in last.iterrows():
        shown.add_row(*(column.show(row) for column in columns))
    return shown


@dataclass(frozen=True)
class _Column:
    """A column of the summary, shown where the terminal has that many characters."""

    name: str
    show: Callable[[pd.Series], str]
    least_width: int = 0


def _bias(row: pd.Series) -> str:
    """The controlled figure where there is one: the same bias with less noise."""
    kind = "bias_controlled" if np.isfinite(row["bias_controlled"]) else "bias"
    return plus_minus(row[kind], row[f"{kind}_stderr"])


_SHORT = {"not in the asymptotic regime": "K too small"}
_COLUMNS = (
    _Column("model", lambda row: str(row["model"])),
    _Column("estimator", lambda row: str(row["estimator"])),
    _Column("K", lambda row: str(row["k"])),
    _Column("bias, nats", _bias),
    _Column("variance, nats²", lambda row: plus_minus(row["variance"], row["variance_stderr"]), 120),
    _Column("RMSE, nats", lambda row: plus_minus(row["rmse"], row["rmse_stderr"])),
    _Column("evaluations", lambda row: f"{row['evaluations']:.0f}", 160),
    _Column("seconds", lambda row: f"{row['seconds']:.3g}", 140),
    _Column("k-hat", lambda row: "" if np.isnan(row["khat"]) else f"{row['khat']:.2f}", 140),
    _Column("Prop. 2", lambda row: _SHORT.get(row["verdict"], str(row["verdict"])), 100),
)


def _failed(rows: list[dict[str, Any]]) -> list[str]:
    """One line a model and reason, with the cells that failed for it."""
    return [
        f"FAILED {model} {_cells(group)}: {reason}"
        for (model, reason), group in _grouped(rows, "model", "reason").items()
    ]


def _cells(rows: list[dict[str, Any]]) -> str:
    return ", ".join(f"{name} {_ks(group)}" for (name,), group in _grouped(rows, "estimator").items())


def _unknown_truths(table: pd.DataFrame) -> list[str]:
    """A sentence for each model whose bias and RMSE are empty."""
    if not len(table):
        return []
    unknown = table[table["reference"].isna()]["model"].unique()
    return [f"log p(x) of {model} is not known, so it has no bias and no RMSE." for model in unknown]


def _failed_checks(table: pd.DataFrame) -> list[str]:
    """A warning a model whose mean weight is not p(x), with the worst figure."""
    failed = table[table["weight_check"] == "fails"]
    lines = []
    for model, rows in failed.groupby("model", sort=False):
        row = rows.loc[(rows["weight_ratio"] - 1).abs().idxmax()]
        ratio = plus_minus(row["weight_ratio"], row["weight_ratio_stderr"])
        lines.append(
            f"WARNING {model}: the mean weight is {ratio} times p(x), not 1 "
            f"({row['estimator']}, K={row['k']}): its log_joint, proposal and log_evidence do not belong "
            "together; correct them before you read on."
        )
    return lines


def _not_applicable(rows: list[dict[str, Any]]) -> list[str]:
    """One line an estimator: its K that were set aside, on which models, and the reason."""
    groups = _grouped(rows, "estimator", "reason")
    return [f"Not applicable: {name} {_where(group)} ({reason})" for (name, reason), group in groups.items()]


def _where(rows: list[dict[str, Any]]) -> str:
    return f"at {_ks(rows)} on {', '.join(dict.fromkeys(row['model'] for row in rows))}"


def _ks(rows: list[dict[str, Any]]) -> str:
    return f"K = {', '.join(map(str, sorted({row['k'] for row in rows})))}"


def _grouped(rows: list[dict[str, Any]], *keys: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups
