"""One small panel: axes, limits, and how a series with its 95% band and its points is drawn in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evidence_bench.reports.figures.styles import GRID, INK, PAPER, Style
from evidence_bench.reports.figures.ticks import linear_ticks, log_ticks, samples_ticks

WIDTH, HEIGHT = 380, 300  # px, at which text has its natural size
_MARKER = 6.0


def new_panel(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    """An empty panel; no pyplot, so nothing outlives the figure."""
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
    axes = figure.add_axes((0.18, 0.165, 0.79, 0.80))
    axes.set_xlabel(x_label, color=INK, labelpad=5)
    axes.set_ylabel(y_label, color=INK)
    axes.yaxis.set_label_coords(-0.19, 0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=GRID, linewidth=1)
    axes.tick_params(which="both", length=3, color=GRID, labelcolor=INK, pad=4)
    axes.grid(visible=True, which="major", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def set_log_x(axes: Axes, values: Sequence[float], *, samples: bool) -> None:
    """A logarithmic x axis around ``values``; ``samples``: they are K, each with a tick."""
    axes.set_xscale("log")
    low, high = min(values), max(values)
    margin = max((high / low) ** 0.04, 1.15)
    axes.set_xlim(low / margin, high * margin)
    if samples:
        samples_ticks(axes.xaxis, sorted(set(values)), apart=0.12)
    else:
        log_ticks(axes.xaxis, most=5)


def set_y(axes: Axes, low: float, high: float, *, log: bool) -> None:
    """The y axis from ``low`` to ``high`` and a little beyond."""
    if log:
        axes.set_yscale("log")
        margin = max((high / low) ** 0.05, 1.05)
        axes.set_ylim(low / margin, high * margin)
        log_ticks(axes.yaxis)
    else:
        margin = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
        axes.set_ylim(low - margin, high + margin)
        linear_ticks(axes.yaxis)


def draw_series(axes: Axes, data: pd.DataFrame, styles: dict[str, Style], x: str, y: str) -> None:
    """Lines of ``y`` against ``x``, a colour and a dash pattern an estimator; gaps where y is not finite."""
    finite = np.isfinite(data[y])
    segment = (~finite).groupby(data["estimator"]).cumsum()
    data = data.assign(segment=segment)[finite]
    if data.empty:
        return
    present = list(dict.fromkeys(data["estimator"]))
    sns.lineplot(
        data=data,
        x=x,
        y=y,
        hue="estimator",
        hue_order=present,
        palette={name: styles[name].colour for name in present},
        style="estimator",
        style_order=present,
        dashes={name: styles[name].dashes for name in present},
        units="segment",
        estimator=None,
        sort=False,
        linewidth=1.5,
        legend=False,
        ax=axes,
    )


def draw_band(axes: Axes, group: pd.DataFrame, style: Style, x: str, where: pd.Series | None = None) -> None:
    """The 95% interval from ``low`` to ``high``: bars, and a band between the points of ``where``."""
    finite = np.isfinite(group["low"]) & np.isfinite(group["high"])
    banded = (finite if where is None else finite & where)[finite]
    group = group[finite]
    bottom = group["low"].clip(lower=axes.get_ylim()[0])  # on a logarithmic axis 0 is infinitely far down
    axes.fill_between(
        group[x], bottom, group["high"], where=banded, color=style.colour, alpha=0.18, linewidth=0
    )
    for part, alpha in ((banded, 0.6), (~banded, 0.4)):
        axes.vlines(
            group[x][part], bottom[part], group["high"][part], color=style.colour, linewidth=1, alpha=alpha
        )


def draw_points(axes: Axes, x: pd.Series, y: pd.Series, style: Style, *, hollow: bool = False) -> None:
    """Markers, filled or hollow; never cut off at the edge of the panel."""
    face = PAPER if hollow else style.colour
    axes.plot(
        x,
        y,
        linestyle="none",
        marker=style.marker,
        markersize=_MARKER,
        markerfacecolor=face,
        markeredgecolor=style.colour,
        markeredgewidth=1.2,
        clip_on=False,
        zorder=4,
    )


def positive_range(*columns: pd.Series) -> tuple[float, float] | None:
    """Smallest and largest positive finite number of ``columns``; None where there is none."""
    values = pd.concat(columns).to_numpy(dtype="float64")
    values = values[np.isfinite(values) & (values > 0)]
    return (float(values.min()), float(values.max())) if values.size else None


def decades(low: float, high: float) -> float:
    """log10(high / low)."""
    return math.log10(high / low)
