"""The table on stdout: one row for each model and estimator, in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.table import Table

from evidence_bench.benchmarks.flags import percent
from evidence_bench.benchmarks.plus_minus import plus_minus


@dataclass(frozen=True)
class _Column:
    """A column of the table, shown where there are that many characters."""

    name: str
    show: Callable[[pd.Series], str]
    least_width: int = 0


def largest_k(results: pd.DataFrame, width: int) -> Table:
    """Each model and estimator at its largest K; narrow, it has fewer columns and cuts no number short."""
    shown = Table(
        title="At the largest K of each, ± one standard error, points fixed; nats",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
    )
    last = results.loc[results.groupby(["model", "estimator"], sort=False)["k"].idxmax()]
    columns = [column for column in _COLUMNS if width >= column.least_width]
    texts = [[column.show(row) for column in columns] for _, row in last.iterrows()]
    kept = [i for i, column in enumerate(columns) if any(text[i] for text in texts)]
    for i in kept:
        words = columns[i].name in ("model", "estimator")
        justify = "left" if words else "right"
        shown.add_column(columns[i].name, justify=justify, no_wrap=not words, overflow="fold")  # type: ignore[arg-type]
    for text in texts:
        shown.add_row(*(text[i] for i in kept))
    return shown


def _bias(row: pd.Series) -> str:
    """The controlled figure where there is one: the same bias with less noise."""
    kind = "bias_controlled" if np.isfinite(row["bias_controlled"]) else "bias"
    return plus_minus(row[kind], row[f"{kind}_stderr"])


def _khat(row: pd.Series) -> str:
    if np.isnan(row["khat"]):
        return ""
    share = row["khat_above_0.7"]
    return f"{row['khat']:.2f}" + (f" ({percent(share)} above .7)" if share > 0 else "")


def _plain(column: str, format_: str, scale: float = 1.0) -> Callable[[pd.Series], str]:
    return lambda row: "" if np.isnan(row[column]) else f"{scale * row[column]:{format_}}"


_SHORT = {"not in the asymptotic regime": "K too small"}
_COLUMNS = (
    _Column("model", lambda row: str(row["model"])),
    _Column("estimator", lambda row: str(row["estimator"])),
    _Column("K", _plain("k", ".0f")),
    _Column("log p(x)", lambda row: plus_minus(row["log_evidence"], np.nan), 140),
    _Column("bias", _bias),
    _Column("variance", lambda row: plus_minus(row["variance"], row["variance_stderr"]), 140),
    _Column("RMSE", lambda row: plus_minus(row["rmse"], row["rmse_stderr"])),
    _Column("evaluations", _plain("evaluations", ".0f"), 160),
    _Column("seconds", _plain("seconds", ".3g"), 100),
    _Column("k-hat", _khat, 120),
    _Column("Prop. 2", lambda row: _SHORT.get(row["verdict"], str(row["verdict"])), 100),
)
