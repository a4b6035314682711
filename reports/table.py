"""The full table and the slopes, as text with as many digits as the error bars allow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from evidence_bench.benchmarks.record.flags import percent, words_of
from evidence_bench.reports.numbers import NONE, number, whole, with_error, with_interval
from evidence_bench.reports.summary import VERDICTS

_NOT_FINITE = "not finite"


@dataclass(frozen=True)
class Heading:
    """A column's name, its unit (empty where it has none) and whether its cells are words."""

    name: str
    unit: str = ""
    words: bool = False


@dataclass(frozen=True)
class Row:
    """A row's cells; ``first`` says that another (model, estimator) begins here."""

    cells: tuple[str, ...]
    first: bool


@dataclass(frozen=True)
class Table:
    """Headings and rows."""

    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]


_FULL = (
    Heading("model", words=True),
    Heading("estimator", words=True),
    Heading("K", "samples"),
    Heading("bias", "nats"),
    Heading("controlled bias", "nats"),
    Heading("variance", "nats²"),
    Heading("RMSE", "nats"),
    Heading("cost", "evaluations"),
    Heading("time", "ms"),
    Heading("throughput", "evaluations/s"),
    Heading("ESS", "samples"),
    Heading("k-hat", "median, above 0.7"),
    Heading("Proposition 2", words=True),
    Heading("not to be trusted", words=True),
)

_SLOPES = (
    Heading("model", words=True),
    Heading("estimator", words=True),
    Heading("bias slope", "95% interval"),
    Heading("expected"),
    Heading("its K", "samples", words=True),
    Heading("variance slope", "95% interval"),
    Heading("expected"),
    Heading("second coefficient", "nats², 95% interval"),
    Heading("expected", "nats²"),
    Heading("K in the regime", "samples", words=True),
)


def full_table(results: pd.DataFrame) -> Table:
    """One row a finished cell."""
    return _table(_FULL, results, _full_cells)


def slopes_table(slopes: pd.DataFrame) -> Table:
    """One row for each model and estimator whose slopes were fitted."""
    return _table(_SLOPES, slopes, _slope_cells)


def _table(headings: tuple[Heading, ...], frame: pd.DataFrame, cells: object) -> Table:
    new = (frame[["model", "estimator"]] != frame[["model", "estimator"]].shift()).any(axis=1)
    texts = [tuple(cells(row)) for row in frame.to_dict("records")]  # type: ignore[operator]
    return Table(headings, tuple(Row(text, bool(first)) for text, first in zip(texts, new, strict=True)))


def _full_cells(row: dict[str, float]) -> list[str]:
    verdict = str(row["verdict"])
    controlled = _measured(row, "bias_controlled") if not math.isnan(row["bias_controlled"]) else NONE
    return [
        str(row["model"]),
        str(row["estimator"]),
        whole(row["k"]),
        _measured(row, "bias"),
        controlled,
        _measured(row, "variance"),
        _measured(row, "rmse"),
        whole(row["evaluations"]),
        with_error(1000 * row["seconds"], 1000 * row["seconds_stderr"]),
        number(row["evaluations_per_second"], 3),
        number(row["ess"], 3),
        _khat(row),
        f"{VERDICTS.get(verdict, '')} {verdict}".strip() or NONE,
        ", ".join(words_of(row)) or NONE,
    ]


def _khat(row: dict[str, float]) -> str:
    """The median over points and the share of them above 0.7, which a median hides."""
    share = row["khat_above_0.7"]
    return number(row["khat"], 2) + ("" if math.isnan(share) else f" ({percent(share)})")


def _measured(row: dict[str, float], column: str) -> str:
    """Value ± standard error; in words where an infinite estimate made it not finite."""
    value = row[column]
    if math.isnan(value):
        return _NOT_FINITE if row["n_not_finite"] > 0 else NONE
    if math.isinf(value):
        return f"{_NOT_FINITE} ({number(value)})"
    return with_error(value, row[f"{column}_stderr"])


def _slope_cells(row: dict[str, float]) -> list[str]:
    fitted = (
        ("bias_slope", row["expected_bias_slope"]),
        ("variance_slope", row["expected_variance_slope"]),
        ("second_coefficient", row["expected_second_coefficient"]),
    )
    cells = [str(row["model"]), str(row["estimator"])]
    for name, expected in fitted:
        cells += _fitted(row[name], row[f"{name}_low"], row[f"{name}_high"], expected)
        cells += [str(row["bias_k_used"]) or NONE] if name == "bias_slope" else []
    return [*cells, str(row["k_used"]) or NONE]


def _fitted(value: float, low: float, high: float, expected: float) -> list[str]:
    """'value (low to high)' and the expected value."""
    return [with_interval(value, low, high), number(expected, 3)]
