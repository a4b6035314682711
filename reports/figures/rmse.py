"""Root mean squared error against what it costs: counted evaluations, and seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
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

_BANDS = (
    " Bands and bars: 95% intervals, of the replicates by chi-square and of the reference by Student's t, "
    "these data points fixed. Lower and further left is better."
)


def data_by(cost: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """RMSE with its interval at each ``cost``, a column of the results."""

    def data(results: pd.DataFrame) -> pd.DataFrame:
        shown = results[["model", "estimator", "k", cost]]
        value, low, high = (results[name] for name in ("rmse", "rmse_low", "rmse_high"))
        return shown.assign(value=value, low=low, high=high)

    return data


def draw_by(cost: str, label: str) -> Callable[[pd.DataFrame, Look], Figure | None]:
    """One model's panel."""

    def draw(points: pd.DataFrame, look: Look) -> Figure | None:
        points = points[np.isfinite(points["value"]) & (points[cost] > 0) & (points["value"] > 0)]
        span = positive_range(points["value"], points["high"])
        if span is None:
            return None
        figure, axes = new_panel(label, "RMSE (nats)")
        set_log_x(axes, list(points[cost]), samples=False)
        set_y(axes, *span, log=True)
        draw_series(axes, points, look.styles, cost, "value")
        for name, group in points.groupby("estimator", sort=False):
            draw_band(axes, group, look.styles[str(name)], cost)
            draw_points(axes, group[cost], group["value"], look.styles[str(name)])
        return figure

    return draw


def _kind(key: str, title: str, caption: str, cost: str, label: str) -> FigureKind:
    return FigureKind(
        key=key,
        title=title,
        caption=caption + _BANDS,
        columns={
            "estimator": "estimator",
            "k": "K (samples)",
            cost: label,
            "value": "RMSE (nats)",
            "low": "95% low (nats)",
            "high": "95% high (nats)",
        },
        data=data_by(cost),
        draw=draw_by(cost, label),
    )


BY_COST = _kind(
    "rmse",
    "Error against counted cost",
    "Root mean squared error of one estimate, over points and replicates, against the evaluations of "
    "log p(x, z) that it costs; a gradient counts 3, a Gauss-Newton step L + 1.",
    "evaluations",
    "cost (counted evaluations of log p(x, z))",
)
BY_TIME = _kind(
    "rmse-time",
    "Error against time",
    "The same against the time of one estimate of all the data points, on the machine and the device of this "
    "run: where an evaluation is cheap, what surrounds it decides.",
    "seconds",
    "time of one estimate of all points (seconds)",
)
