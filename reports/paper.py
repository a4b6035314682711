"""The tables of a paper beside what was measured, from paper.json, and the figure of unit activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import pandas as pd
from markupsafe import Markup

from evidence_bench.reports.figures.drawing import Panel
from evidence_bench.reports.figures.panel import draw_points, new_panel, positive_range, set_log_x, set_y
from evidence_bench.reports.figures.styles import Style, styles
from evidence_bench.reports.figures.svg import RC, inline_svg
from evidence_bench.reports.numbers import MINUS, NONE, number, whole, with_error
from evidence_bench.reports.read import Run, listed
from evidence_bench.reports.table import Heading, Row, Table

LEAST = 1e-6  # nats: what a logarithmic axis can show


@dataclass(frozen=True)
class PaperTable:
    """A table, its title and the sentences below it."""

    title: str
    table: Table
    notes: tuple[str, ...]


def tables(run: Run) -> list[PaperTable]:
    """Every table of paper.json; none for a study that no paper has."""
    return [_table(sheet) for sheet in listed(run.paper, "sheets") if isinstance(sheet, Mapping)]


def activity(run: Run) -> tuple[dict[str, Style], list[Panel]]:
    """The legend (style by stochastic layer) and a panel a model: activity against KL of its units."""
    units = _units(run)
    if units.empty:
        return {}, []
    legend = styles(sorted(units["layer"].unique()))
    with matplotlib.rc_context(RC):
        panels = [
            _panel(str(model), part, legend, place)
            for place, (model, part) in enumerate(units.groupby("model", sort=False))
        ]
    return legend, panels


def _table(sheet: Mapping[str, Any]) -> PaperTable:
    rows = [list(row) for row in listed(sheet, "rows")]
    columns = listed(sheet, "columns")
    headings = tuple(
        Heading(str(column["name"]), str(column["unit"]), words=any(isinstance(row[i], str) for row in rows))
        for i, column in enumerate(columns)
    )
    models = [row[0] for row in rows]
    told = [
        Row(tuple(cell_text(cell) for cell in row), first=i == 0 or row[0] != models[i - 1])
        for i, row in enumerate(rows)
    ]
    return PaperTable(
        str(sheet.get("title", "")), Table(headings, tuple(told)), tuple(listed(sheet, "notes"))
    )


def cell_text(cell: Any) -> str:
    """A number to the digits that its error allows, a dash where there is none."""
    if isinstance(cell, Mapping):
        value, stderr = (float("nan") if cell[key] is None else cell[key] for key in ("value", "stderr"))
        return with_error(value, stderr)
    if isinstance(cell, int):
        return whole(cell)
    if isinstance(cell, float):  # a printed figure has two decimals
        return number(cell) if round(cell, 2) != cell else f"{cell:.2f}".replace("-", MINUS)
    return str(cell) if cell else NONE


def _units(run: Run) -> pd.DataFrame:
    """model, layer, activity, KL of every unit."""
    for sheet in listed(run.paper, "sheets"):
        names = [column["name"] for column in sheet["columns"]]
        if {"model", "layer", "unit", "activity", "KL"} <= set(names):
            frame = pd.DataFrame(sheet["rows"], columns=names)
            return frame.assign(layer="layer " + frame["layer"].astype(str))
    return pd.DataFrame()


def _panel(model: str, units: pd.DataFrame, legend: dict[str, Style], place: int) -> Panel:
    name, title = f"activity-{place}", f"Activity of latent units against their KL: {model}"
    description = f"{len(units)} units of {model}; the numbers are in the table of every unit."
    shown = units[(units["KL"] > LEAST) & (units["activity"] > LEAST)]
    span_x, span_y = positive_range(shown["KL"]), positive_range(shown["activity"])
    if span_x is None or span_y is None:
        return Panel(name, model, title, description, Markup())
    figure, axes = new_panel("KL term of the unit (nats)", "activity, Cov over x of E[u|x]")
    set_log_x(axes, list(shown["KL"]), samples=False)
    set_y(axes, *span_y, log=True)
    for layer, part in shown.groupby("layer"):
        draw_points(axes, part["KL"], part["activity"], legend[str(layer)])
    return Panel(name, model, title, description, Markup(inline_svg(figure, name)))
