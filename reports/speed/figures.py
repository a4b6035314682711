"""The figures of the speed page: shares of the limit, memory, and growth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evidence_bench.reports.figures.drawing import Panel, csv_link
from evidence_bench.reports.figures.panel import draw_points, new_panel, set_log_x, set_y
from evidence_bench.reports.figures.styles import GUIDE, INK, Style
from evidence_bench.reports.figures.svg import RC, inline_svg
from evidence_bench.reports.figures.ticks import linear_ticks, log_ticks

Data = Mapping[str, Any]
Styles = Mapping[str, Style]
_OWN = "evidence-bench-eager"  # what growth is measured of
_WORDS = {"K": "K (samples)", "B": "B (data points)", "L": "L (latent dimensions)"}


@dataclass(frozen=True)
class SpeedFigure:
    """A figure as the template shows it; ``csv`` is a data: link to its numbers."""

    key: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    csv: str


def draw_all(data: Data, legend: Styles) -> list[SpeedFigure]:
    """Every figure."""
    with matplotlib.rc_context(RC):
        return [_shares(data, legend), _peaks(data, legend), *_growths(data, legend)]


def _shares(data: Data, legend: Styles) -> SpeedFigure:
    rows = [_share_row(setting, one) for setting in data["settings"] for one in setting["contenders"]]
    return _figure(
        "share",
        "Share of the limit",
        "Time of the matrix products alone over a contender's time, in the same round; the dot is the median "
        "over rounds, the bar its interval from order statistics (95% where there are at least six rounds). "
        "Higher is better, and 100% is the limit.",
        pd.DataFrame(rows),
        lambda frame: _dots(frame, legend, "share of the limit (%)", log=False),
    )


def _share_row(setting: Data, one: Data) -> dict[str, Any]:
    ends = {key: 100 * one["share"][key] for key in ("value", "low", "high")}
    return {"panel": setting["name"], "contender": one["name"], **ends, "coverage": one["share"]["coverage"]}


def _peaks(data: Data, legend: Styles) -> SpeedFigure:
    rows = [
        {"panel": setting["name"], "contender": one["name"], "value": one["peak_bytes"] / 1e6}
        for setting in data["settings"]
        for one in setting["contenders"]
        if one["peak_bytes"] is not None
    ]
    return _figure(
        "memory",
        "Peak memory",
        "Largest resident set above the imports while the log weights of all data points are drawn, each "
        "contender in a process of its own (on a GPU: what torch's allocator gave out). Lower is better.",
        pd.DataFrame(rows, columns=["panel", "contender", "value"]).assign(low=np.nan, high=np.nan),
        lambda frame: _dots(frame, legend, "peak memory (MB)", log=True),
    )


def _growths(data: Data, legend: Styles) -> list[SpeedFigure]:
    style = legend[_OWN]
    times = [_growth_row(axis, one) for axis, grown in data["growth"].items() for one in grown["sizes"]]
    frame = pd.DataFrame(times)
    fits = {axis: grown["time_exponent"] for axis, grown in data["growth"].items()}
    peaks = frame[frame["megabytes"].notna()].assign(value=lambda f: f["megabytes"], low=np.nan, high=np.nan)
    return [
        _figure(
            "growth-time",
            "How time grows",
            "Seconds of this project's log weights against K for one data point, against B at K = 1000, and "
            "against L at B = 20 and K = 500: medians over rounds with their intervals. Dashed: the fitted "
            "power law, over the sizes it was fitted to. L enters the first matrix product alone, so time "
            "hardly follows it.",
            frame,
            lambda rows: _curve(rows, style, "time (s)", fits),
        ),
        _figure(
            "growth-memory",
            "How peak memory grows",
            "Largest resident set above the imports. The sizes of one panel follow each other in one "
            "process, so each is an upper bound. The log weights themselves take 8 bytes each.",
            peaks,
            lambda rows: _curve(rows, style, "peak memory (MB)", {}),
        ),
    ]


def _growth_row(axis: str, one: Data) -> dict[str, Any]:
    peak = one["peak_bytes"]
    return {
        "panel": axis,
        **{key: one[key] for key in ("size", "points", "samples", "latents")},
        **{key: one["seconds"][key] for key in ("value", "low", "high")},
        "megabytes": np.nan if peak is None else peak / 1e6,
    }


def _figure(
    key: str, title: str, caption: str, frame: pd.DataFrame, draw: Callable[[pd.DataFrame], Figure]
) -> SpeedFigure:
    panels = []
    for place, (name, rows) in enumerate(frame.groupby("panel", sort=False)):
        heading = f"growth with {name}" if str(name) in _WORDS else f"{name} of latents"
        body = Markup(inline_svg(draw(rows), f"{key}-{place}"))
        text = f"{title}, {heading}. The numbers are in the tables of this page."
        panels.append(Panel(f"{key}-{place}", heading, f"{title}: {heading}", text, body))
    return SpeedFigure(key, title, caption, tuple(panels), csv_link(frame))


def _dots(frame: pd.DataFrame, legend: Styles, label: str, *, log: bool) -> Figure:
    """A row a contender: dot, interval, and the value in words."""
    figure, axes = new_panel(label, "")
    axes.set_position((0.42, 0.165, 0.53, 0.80))  # names need the room
    names = list(frame["contender"])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.tick_params(axis="y", length=0)
    _horizontal(axes, frame, log=log)
    for place, row in enumerate(frame.to_dict("records")):
        style = legend[row["contender"]]
        if np.isfinite(row["low"]):
            axes.hlines(place, row["low"], row["high"], color=style.colour, linewidth=2, alpha=0.6)
        draw_points(axes, pd.Series([row["value"]]), pd.Series([place]), style)
        words = f"{row['value']:,.0f}" + ("" if log else "%")
        near_limit = not log and row["value"] > 90
        offset, side = ((-9, -4), "right") if near_limit else ((0, 8), "center")
        at = (row["value"], place)
        axes.annotate(words, at, offset, textcoords="offset points", color=INK, ha=side)
    return figure


def _horizontal(axes: Axes, frame: pd.DataFrame, *, log: bool) -> None:
    if log:
        axes.set_xscale("log")
        axes.set_xlim(frame["value"].min() / 1.5, frame["value"].max() * 1.5)
        log_ticks(axes.xaxis, most=4)
        return
    axes.set_xlim(0, max(104, 1.04 * frame["high"].max()))
    axes.axvline(100, color=GUIDE, linewidth=1, linestyle=(0, (4, 3)))
    linear_ticks(axes.xaxis)


def _curve(frame: pd.DataFrame, style: Style, label: str, fits: Mapping[str, Data | None]) -> Figure:
    axis = str(frame["panel"].iloc[0])
    figure, axes = new_panel(_WORDS[axis], label)
    sizes = frame["size"].astype(float)
    set_log_x(axes, list(sizes), samples=False)
    ends = frame[["value", "low", "high"]].to_numpy(dtype=float)
    set_y(axes, float(np.nanmin(ends)), float(np.nanmax(ends)), log=True)
    fit = fits.get(axis)
    if fit is not None:
        x = np.array([fit["first"], fit["last"]])
        y = np.exp(fit["intercept"]) * x ** fit["value"]
        axes.plot(x, y, color=GUIDE, linewidth=1.4, linestyle=(0, (5, 3)))
        axes.text(0.04, 0.94, f"exponent {fit['value']:.3f}", transform=axes.transAxes, color=INK, va="top")
    axes.vlines(sizes, frame["low"], frame["high"], color=style.colour, linewidth=1.2, alpha=0.6)
    axes.plot(sizes, frame["value"], color=style.colour, linewidth=1.2, alpha=0.7)
    draw_points(axes, sizes, frame["value"], style)
    return figure
