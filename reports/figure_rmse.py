"""Root mean squared error against counted cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reports.figure_kind import FigureKind, Look
from reports.panel import (
    Z95,
    draw_band,
    draw_points,
    draw_series,
    new_panel,
    positive_range,
    set_log_x,
    set_y,
)


def data(results: pd.DataFrame) -> pd.DataFrame:
    """RMSE with its interval at each counted cost."""
    reach = Z95 * results["rmse_stderr"]
    return pd.DataFrame(
        {
            "model": results["model"],
            "estimator": results["estimator"],
            "k": results["k"],
            "evaluations": results["evaluations"],
            "value": results["rmse"],
            "low": results["rmse"] - reach,
            "high": results["rmse"] + reach,
        }
    )


def draw(points: pd.DataFrame, look: Look) -> Figure | None:
    """One model's panel."""
    points = points[np.isfinite(points["value"]) & (points["evaluations"] > 0) & (points["value"] > 0)]
    span = positive_range(points["value"], points["high"])
    if span is None:
        return None
    figure, axes = new_panel("cost (counted evaluations of log p(x, z))", "RMSE (nats)")
    set_log_x(axes, list(points["evaluations"]), samples=False)
    set_y(axes, *span, log=True)
    draw_series(axes, points, look.styles, "evaluations", "value")
    for name, group in points.groupby("estimator", sort=False):
        draw_band(axes, group, look.styles[str(name)], "evaluations")
        draw_points(axes, group["evaluations"], group["value"], look.styles[str(name)])
    return figure


FIGURE = FigureKind(
    key="rmse",
    title="Error against counted cost",
    caption=(
        "Root mean squared error of one estimate, over points and replicates, against the evaluations "
        "of log p(x, z) that it costs; a gradient counts 3, a Gauss-Newton step L + 1. Bands and "
        "bars: plain normal 95% intervals, value ± 1.96 standard errors over replicates, these data "
        "points fixed. Lower and further left is better."
    ),
    columns={
        "estimator": "estimator",
        "k": "K (samples)",
        "evaluations": "cost (evaluations)",
        "value": "RMSE (nats)",
        "low": "95% low (nats)",
        "high": "95% high (nats)",
    },
    data=data,
    draw=draw,
)
