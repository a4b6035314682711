"""K times variance against K, with the two-term curve of Proposition 2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evidence_bench.benchmarks.statistics.regime import SHARE_OF_POINTS as REGIME_SHARE
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
from evidence_bench.reports.figures.styles import Style
from evidence_bench.reports.numbers import TIMES

_LINEAR_BELOW = 4.0  # ratio of largest to smallest under which a linear axis is easier to read


def data(results: pd.DataFrame) -> pd.DataFrame:
    """K x variance with its interval, and K x the predicted variance."""
    k = results["k"]
    return pd.DataFrame(
        {
            "model": results["model"],
            "estimator": results["estimator"],
            "k": k,
            "value": k * results["variance"],
            "low": k * results["variance_low"],
            "high": k * results["variance_high"],
            "predicted": k * results["predicted_variance"],
            "in_regime": results["in_regime"],
        }
    )


def draw(points: pd.DataFrame, look: Look) -> Figure | None:
    """One model's panel."""
    points = points[np.isfinite(points["value"]) & (points["k"] > 0)]
    predicted = points["predicted"][points["in_regime"] >= REGIME_SHARE]
    low = points["low"][points["low"] > points["value"] / 2]
    span = positive_range(points["value"], points["high"], low, predicted)
    if span is None:
        return None
    figure, axes = new_panel("K (samples)", f"K {TIMES} variance (nats²)")
    set_log_x(axes, list(points["k"]), samples=True)
    set_y(axes, *span, log=span[1] / span[0] > _LINEAR_BELOW)
    draw_series(axes, points, look.styles, "k", "value")
    for name, group in points.groupby("estimator", sort=False):
        style = look.styles[str(name)]
        _predicted(axes, group, style)
        draw_band(axes, group, style, "k")
        draw_points(axes, group["k"], group["value"], style)
    return figure


def _predicted(axes: Axes, group: pd.DataFrame, style: Style) -> None:
    """Dotted everywhere and, over that, solid where the expansion can be used."""
    known = group[np.isfinite(group["predicted"])]
    used = known[known["in_regime"] >= REGIME_SHARE]
    look: dict[str, Any] = {"color": style.colour, "alpha": 0.42, "zorder": 1.8, "solid_capstyle": "round"}
    before = known[known["k"] <= used["k"].min()] if len(used) else known
    axes.plot(before["k"], before["predicted"], linewidth=2.4, dashes=(0.6, 1.4), **look)
    axes.plot(used["k"], used["predicted"], linewidth=5, **look)


FIGURE = FigureKind(
    key="variance",
    title="K times variance against K",
    caption=(
        "Bands and bars: 95% intervals over replicates by chi-square, these data points fixed. Wide pale "
        "line: K times the two-term prediction of the variance, for IWAE that of Proposition 2, "
        "c2/K - (c3 - 5 c2²/2)/K²; solid where at least 95% of the points are in the asymptotic regime, "
        "dotted where the expansion cannot be relied on. A variance that falls as 1/K is flat here."
    ),
    columns={
        "estimator": "estimator",
        "k": "K (samples)",
        "value": f"K {TIMES} variance (nats²)",
        "low": "95% low (nats²)",
        "high": "95% high (nats²)",
        "predicted": f"K {TIMES} predicted variance (nats²)",
        "in_regime": "share of points in the regime",
    },
    data=data,
    draw=draw,
)
