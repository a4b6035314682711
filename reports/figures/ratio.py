"""Measured over predicted variance against K, with the intervals that the verdicts rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from evidence_bench.benchmarks.statistics.regime import SHARE_OF_POINTS as REGIME_SHARE
from evidence_bench.reports.figures.kind import FigureKind, Look
from evidence_bench.reports.figures.panel import draw_points, new_panel, set_log_x, set_y
from evidence_bench.reports.figures.styles import GUIDE

AGREES = (0.9, 1.1)  # a verdict agrees where the whole interval lies in here
_DODGE = 1.07  # K is shifted by this factor between estimators, so that bars stand side by side


def data(results: pd.DataFrame) -> pd.DataFrame:
    """The ratio with its bootstrap interval, at the cells in the asymptotic regime."""
    used = results[(results["in_regime"] >= REGIME_SHARE) & (results["predicted_variance"] > 0)]
    return pd.DataFrame(
        {
            "model": used["model"],
            "estimator": used["estimator"],
            "k": used["k"],
            "value": used["verdict_ratio"],
            "low": used["verdict_low"],
            "high": used["verdict_high"],
            "verdict": used["verdict"],
        }
    )


def draw(points: pd.DataFrame, look: Look) -> Figure | None:
    """One model's panel."""
    points = points[np.isfinite(points["value"]) & (points["k"] > 0)]
    if points.empty:
        return None
    figure, axes = new_panel("K (samples)", "measured / predicted variance (ratio)")
    names = list(dict.fromkeys(points["estimator"]))
    shift = points["estimator"].map(
        {name: _DODGE ** (i - (len(names) - 1) / 2) for i, name in enumerate(names)}
    )
    points = points.assign(x=points["k"] * shift)
    set_log_x(axes, list(points["k"]), samples=True)
    ends = points[["value", "low", "high"]].to_numpy(dtype="float64")
    set_y(axes, min(0.85, np.nanmin(ends)), max(1.15, np.nanmax(ends)), log=False)
    axes.axhspan(*AGREES, color=GUIDE, alpha=0.14, linewidth=0, zorder=0.5)
    axes.axhline(1, color=GUIDE, linewidth=1, zorder=0.6)
    for name, group in points.groupby("estimator", sort=False):
        style = look.styles[str(name)]
        axes.vlines(group["x"], group["low"], group["high"], color=style.colour, linewidth=1.5, alpha=0.7)
        draw_points(axes, group["x"], group["value"], style)
    return figure


FIGURE = FigureKind(
    key="ratio",
    title="Measured over predicted variance against K",
    caption=(
        "Only cells in the asymptotic regime, for which Proposition 2 (or its counterpart for a corrected "
        "estimator) predicts the variance. Bars: the verdict's 95% bootstrap intervals, replicates "
        "resampled, with the error of c2 and c3. Grey band: 0.9 to 1.1; a cell agrees if its whole bar lies "
        "in there and disagrees if all of it lies outside. Points of one K are shifted a little sideways so "
        "that their bars do not hide each other."
    ),
    columns={
        "estimator": "estimator",
        "k": "K (samples)",
        "value": "measured / predicted (ratio)",
        "low": "95% low (ratio)",
        "high": "95% high (ratio)",
        "verdict": "verdict",
    },
    data=data,
    draw=draw,
)
