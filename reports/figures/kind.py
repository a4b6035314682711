"""What the four figures have in common: numbers made from the results, and a panel drawn from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from evidence_bench.reports.figures.styles import Style

Orders = Mapping[str, int]


@dataclass(frozen=True)
class Look:
    """What a drawing needs beside its numbers: each estimator's style and, where known, order of bias."""

    styles: dict[str, Style]
    orders: Orders


@dataclass(frozen=True)
class FigureKind:
    """A figure: ``data(results)`` is what is drawn and offered as CSV, ``draw(data of one model, look)`` a
    panel, or None where nothing can be drawn.

    ``columns`` maps each column of the data to its heading, with the unit.
    """

    key: str
    title: str
    caption: str
    columns: dict[str, str]
    data: Callable[[pd.DataFrame], pd.DataFrame]
    draw: Callable[[pd.DataFrame, Look], Figure | None]
