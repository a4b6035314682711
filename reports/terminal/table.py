"""The table on stdout: one row for each model and estimator, in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evidence_bench.benchmarks.record.flags import percent
from evidence_bench.benchmarks.record.plus_minus import plus_minus

_NAMES = ("model", "estimator")
_WAYS = ((), ("model",), ("estimator",), _NAMES)  # which of them go on in another line
_ENDLESS = 10_000


@dataclass(frozen=True)
class _Column:
    """A column of the table, shown where there are that many characters."""

    name: str
    show: Callable[[pd.Series], str]
    least_width: int = 0


def largest_k(results: pd.DataFrame, width: int) -> Table:
    """Each model and estimator at its largest K; narrow, it has fewer columns and cuts no number short.

    Names stay whole where there is room, else they go on in another line at their options; before a word is
    cut the last columns go.
    """
    last = results.loc[results.groupby(["model", "estimator"], sort=False)["k"].idxmax()]
    columns = [column for column in _COLUMNS if width >= column.least_width]
    texts = {column.name: [column.show(row) for _, row in last.iterrows()] for column in columns}
    columns = [column for column in columns if any(texts[column.name])]
    while True:
        for broken in _WAYS:
            shown = _table(columns, texts, broken)
            if _width(shown) <= width:
                return shown
        if not columns[-1].least_width:
            return shown
        columns.pop()


def _table(columns: Sequence[_Column], texts: Mapping[str, Sequence[str]], broken: Sequence[str]) -> Table:
    shown = Table(
        title="At the largest K of each, ± one standard error, points fixed; nats",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
    )
    cells = []
    for column in columns:
        words = column.name in _NAMES
        justify: Literal["left", "right"] = "left" if words else "right"
        shown.add_column(column.name, justify=justify, no_wrap=not words, overflow="fold")
        lines = texts[column.name]
        cells.append([text.replace("[", "\n[") for text in lines] if column.name in broken else lines)
    for row in zip(*cells, strict=True):
        shown.add_row(*map(Text, row))
    return shown


def _width(table: Table) -> int:
    """Columns that it takes with every line whole."""
    return Console(width=_ENDLESS).measure(table).maximum


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
