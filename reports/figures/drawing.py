"""All figures of a run, drawn: for each kind one panel a model, the numbers behind it, and a legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import matplotlib
import pandas as pd
from markupsafe import Markup

from evidence_bench.reports.figures import bias, ratio, rmse, throughput, variance
from evidence_bench.reports.figures.kind import FigureKind, Look
from evidence_bench.reports.figures.panel import HEIGHT, WIDTH
from evidence_bench.reports.figures.styles import Style, styles
from evidence_bench.reports.figures.svg import RC, inline_svg
from evidence_bench.reports.numbers import number, whole
from evidence_bench.reports.read import Run, listed

KINDS = (
    bias.FIGURE,
    variance.FIGURE,
    ratio.FIGURE,
    rmse.BY_COST,
    rmse.BY_TIME,
    throughput.FIGURE,
)


@dataclass(frozen=True)
class Panel:
    """One model's panel; ``body`` is the inside of its <svg>, empty where nothing could be drawn."""

    name: str
    model: str
    title: str
    description: str
    body: Markup
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Drawn:
    """A figure as the template shows it; ``rows`` are its numbers as text, ``csv`` a data: link to them."""

    kind: FigureKind
    panels: tuple[Panel, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    csv: str


def draw_all(run: Run) -> tuple[dict[str, Style], list[Drawn]]:
    """The legend (style by estimator) and every figure of ``run``."""
    legend = styles(run.estimators)
    look = Look(legend, orders(run.config, run.estimators))
    with matplotlib.rc_context(RC):
        return legend, [_drawn(kind, run, look) for kind in KINDS]


def orders(config: Mapping[str, Any], estimators: list[str]) -> dict[str, int]:
    """The order of the bias of each estimator whose bias vanishes with K, as the bench described it."""
    described = config.get("described")
    found = listed(described, "estimators") if isinstance(described, Mapping) else []
    declared = {one.get("name"): one.get("order") for one in found if isinstance(one, Mapping)}
    known = ((name, declared.get(name)) for name in estimators)
    return {name: order for name, order in known if isinstance(order, int)}


def csv_link(frame: pd.DataFrame) -> str:
    """``frame`` as a data: link, a file that needs no server."""
    return "data:text/csv;charset=utf-8," + quote(frame.to_csv(index=False, lineterminator="\n"), safe=",-.+")


def _drawn(kind: FigureKind, run: Run, look: Look) -> Drawn:
    data = kind.data(run.results)
    panels = [
        _panel(kind, data[data["model"] == model], model, i, look) for i, model in enumerate(run.models)
    ]
    shown = data[["model", *kind.columns]]
    rows = tuple(tuple(_text(value) for value in row) for row in shown.itertuples(index=False))
    return Drawn(kind, tuple(panels), ("model", *kind.columns.values()), rows, csv_link(shown))


def _panel(kind: FigureKind, data: pd.DataFrame, model: str, place: int, look: Look) -> Panel:
    name = f"{kind.key}-{place}"
    figure = kind.draw(data, look)
    # The drawing holds no text of the user's: names stand in the page, where they are escaped.
    body = Markup() if figure is None else Markup(inline_svg(figure, name))
    names = list(dict.fromkeys(data["estimator"]))
    description = (
        f"{kind.title} on {model}, for {', '.join(names)}; K from {whole(data['k'].min())} to "
        f"{whole(data['k'].max())}. The numbers are in the table below the figure."
    )
    return Panel(name, model, f"{kind.title}: {model}", description, body)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return whole(value) if float(value).is_integer() else number(value, 4)
