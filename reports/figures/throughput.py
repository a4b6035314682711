"""Counted evaluations per second against K, from cells that were timed alone."""

from __future__ import annotations

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


def data(results: pd.DataFrame) -> pd.DataFrame:
    """Throughput, and its interval from that of the seconds: the fast end of one is the high end of it."""
    seconds, value = results["seconds"], results["evaluations_per_second"]
    return pd.DataFrame(
        {
            "model": results["model"],
            "estimator": results["estimator"],
            "k": results["k"],
            "seconds": seconds,
            "value": value,
            "low": value * seconds / results["seconds_high"],
            "high": value * seconds / results["seconds_low"],
        }
    )


def draw(points: pd.DataFrame, look: Look) -> Figure | None:
    """One model's panel."""
    points = points[np.isfinite(points["value"]) & (points["value"] > 0) & (points["k"] > 0)]
    span = positive_range(points["value"], points["low"], points["high"])
    if span is None:
        return None
    figure, axes = new_panel("K (samples)", "throughput (evaluations per second)")
    set_log_x(axes, list(points["k"]), samples=True)
    set_y(axes, *span, log=True)
    draw_series(axes, points, look.styles, "k", "value")
    for name, group in points.groupby("estimator", sort=False):
        draw_band(axes, group, look.styles[str(name)], "k")
        draw_points(axes, group["k"], group["value"], look.styles[str(name)])
    return figure


FIGURE = FigureKind(
    key="throughput",
    title="Throughput against K",
    caption=(
        "Counted evaluations of log p(x, z) a second, all data points together, each (model, "
        "estimator, K) timed alone. Bands and bars: intervals of the median time from the least to the "
        "largest of five rounds, which hold it in 94% of cases whatever its law, carried over to the "
        "throughput; none below five rounds. Higher is better."
    ),
    columns={
        "estimator": "estimator",
        "k": "K (samples)",
        "seconds": "median time (s)",
        "value": "throughput (evaluations/s)",
        "low": "low (evaluations/s)",
        "high": "high (evaluations/s)",
    },
    data=data,
    draw=draw,
)
