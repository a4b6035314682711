"""Absolute bias against K: bands, the noise floor under which a bias cannot be told from 0, K^-order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evidence_bench.reports.figures.kind import FigureKind, Look
from evidence_bench.reports.figures.panel import (
    draw_band,
    draw_points,
    draw_series,
    new_panel,
    positive_range,
    set_log_x,
    set_y,
)
from evidence_bench.reports.figures.styles import GUIDE, INK, PAPER, Style
from evidence_bench.reports.numbers import superscript

_CLEAR = 3.0  # standard errors from 0 that a slope may be anchored at


def data(results: pd.DataFrame) -> pd.DataFrame:
    """The bias drawn at each cell: the controlled figure where there is one, else the plain one.

    ``low`` and ``high`` are the ends of the interval of the absolute bias; low is 0 where the interval of
    the bias holds 0.
    """
    controlled = np.isfinite(results["bias_controlled"]) & np.isfinite(results["bias_controlled_stderr"])
    bias = results["bias_controlled"].where(controlled, results["bias"])
    stderr, low, high = (
        results[f"bias_controlled_{end}"].where(controlled, results[f"bias_{end}"])
        for end in ("stderr", "low", "high")
    )
    ends = pd.concat([low, high], axis=1, keys=["low", "high"])
    return pd.DataFrame(
        {
            "model": results["model"],
            "estimator": results["estimator"],
            "k": results["k"],
            "figure": np.where(controlled, "controlled", "plain"),
            "bias": bias,
            "stderr": stderr,
            "absolute": bias.abs(),
            "low": ends.abs().min(axis=1).where(np.sign(low) == np.sign(high), 0.0),
            "high": ends.abs().max(axis=1),
            "floor": (high - low) / 2,
        }
    )


def draw(points: pd.DataFrame, look: Look) -> Figure | None:
    """One model's panel."""
    points = points[np.isfinite(points["bias"]) & np.isfinite(points["stderr"]) & (points["k"] > 0)]
    seen = points["low"] > 0
    span = positive_range(points["high"], points["floor"] / 3, points["absolute"][seen] / 1.5)
    if span is None:
        return None
    figure, axes = new_panel("K (samples)", "absolute bias (nats)")
    set_log_x(axes, list(points["k"]), samples=True)
    set_y(axes, *span, log=True)
    points = points.assign(shown=points["absolute"].clip(lower=axes.get_ylim()[0]), seen=seen)
    _shade_floor(axes, points)
    draw_series(axes, points.assign(shown=points["shown"].where(seen)), look.styles, "k", "shown")
    for name, group in points.groupby("estimator", sort=False):
        draw_band(axes, group, look.styles[str(name)], "k", where=group["seen"])
        _mark(axes, group, look.styles[str(name)])
    _guides(axes, points, look)
    return figure


def _mark(axes: Axes, group: pd.DataFrame, style: Style) -> None:
    """Filled where the bias is told from 0, hollow where not; a dot inside where it is the controlled one."""
    for seen in (True, False):
        some = group[group["seen"] == seen]
        draw_points(axes, some["k"], some["shown"], style, hollow=not seen)
        inner = some[some["figure"] == "controlled"]
        dot = PAPER if seen else style.colour
        axes.plot(
            inner["k"], inner["shown"], linestyle="none", marker="o", markersize=2.2,
            markeredgewidth=0, color=dot, clip_on=False, zorder=5,
        )  # fmt: skip


def _shade_floor(axes: Axes, points: pd.DataFrame) -> None:
    """Grey below the lowest of the estimators' floors at each K, where no bias can be told from 0."""
    floor = points[points["floor"] > 0].groupby("k")["floor"].min()
    if floor.empty:
        return
    edges = list(axes.get_xlim())
    x = np.array([edges[0], *floor.index, edges[1]])
    y = np.array([floor.iloc[0], *floor, floor.iloc[-1]])
    axes.fill_between(x, axes.get_ylim()[0], y, color=GUIDE, alpha=0.14, linewidth=0, zorder=0.5)
    axes.plot(x, y, color=GUIDE, linewidth=0.8, alpha=0.7, zorder=0.6)


def _guides(axes: Axes, points: pd.DataFrame, look: Look) -> None:
    """K^-order through the last point well above the noise, for every order that the estimators declare."""
    clear = points["absolute"] > _CLEAR * points["stderr"]
    taken = axes.transData.transform(points[["k", "shown"]].to_numpy(dtype="float64"))
    for order in sorted(set(look.orders.values())):
        names = [name for name, its in look.orders.items() if its == order]
        seen = points[clear & points["estimator"].isin(names)]
        if seen.empty:
            continue
        last = seen.loc[seen["k"].idxmax()]
        x = np.geomspace(*axes.get_xlim(), 60)
        y = last["absolute"] * (x / last["k"]) ** -float(order)
        axes.plot(x, y, color=GUIDE, linewidth=1.2, dashes=(1, 2), zorder=1.5)
        taken = _label(axes, x, y, f"K{superscript(-order)}", taken)


def _label(axes: Axes, x: np.ndarray, y: np.ndarray, text: str, taken: np.ndarray) -> np.ndarray:
    """``text`` above the line where it is farthest from everything drawn; adds itself to ``taken``."""
    places = axes.transData.transform(np.column_stack([x, y])) + np.array([9, 9])
    box = axes.get_window_extent()
    inside = (places[:, 0] < box.x1 - 16) & (places[:, 1] < box.y1 - 8) & (places[:, 1] > box.y0 + 8)
    inside &= places[:, 0] > box.x0 + 16
    if not inside.any():
        return taken
    places = places[inside]
    room = np.hypot(*(places[:, None] - taken[None]).transpose(2, 0, 1)).min(axis=1)
    best = places[room.argmax()]
    left, bottom = axes.transAxes.inverted().transform(best)
    look: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes, "fontsize": 11}
    axes.text(left, bottom, text, color=INK, alpha=0.75, **look)
    return np.vstack([taken, best])


FIGURE = FigureKind(
    key="bias",
    title="Absolute bias against K",
    caption=(
        "Bands and bars: 95% intervals by Student's t over replicates and reference, these data points "
        "fixed. A filled point is told from 0. A hollow one is not: its interval "
        "holds 0, so it has a bar and no band, and at the lower edge its value may lie below. A dot "
        "inside the marker: the controlled figure, from which terms of known mean were subtracted; "
        "elsewhere the plain one. Grey area: the noise floor, half the width of the "
        "narrowest interval at that K, under which no bias can be told from 0. Dotted lines: K to the "
        "minus order, through the last point of an estimator of that order that is more than 3 "
        "standard errors from 0."
    ),
    columns={
        "estimator": "estimator",
        "k": "K (samples)",
        "figure": "figure",
        "bias": "bias (nats)",
        "stderr": "standard error (nats)",
        "absolute": "absolute bias (nats)",
        "low": "95% low (nats)",
        "high": "95% high (nats)",
        "floor": "noise floor (nats)",
    },
    data=data,
    draw=draw,
)
