"""log p(x) of each model in words: its mean over the data points, with its errors and what they are over."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from evidence_bench.benchmarks.record.flags import EXACT
from evidence_bench.benchmarks.statistics.intervals import reach
from evidence_bench.reports import about
from evidence_bench.reports.numbers import interval, number, with_error
from evidence_bench.reports.read import Run


@dataclass(frozen=True)
class Level:
    """Mean log p(x) of a model in nats; ``low`` and ``high`` are its 95% interval over points.

    ``stderr`` is its error with the data points as a sample, ``own`` the one with these points fixed (0 where
    exact), ``source`` where the figure comes from. ``known`` is False where it is an estimate alone.
    """

    model: str
    points: int
    value: float
    stderr: float
    own: float
    source: str
    known: bool
    bounds: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """The figure with its error over the points."""
        if not self.known and not math.isfinite(self.value):
            return number(self.value)
        return number(self.value) if not self.stderr > 0 else with_error(self.value, self.stderr)

    @property
    def over_points(self) -> str:
        """What the first error is, and the interval that it makes."""
        if self.points < 2 or math.isnan(self.stderr):
            return "one data point, so no error over points" if self.points == 1 else ""
        if self.stderr == 0:
            return f"the same at all {self.points:,} data points"
        half = float(reach(self.stderr, self.points - 1))
        ends = interval(self.value - half, self.value + half)
        return f"± standard error over {self.points:,} data points; 95% Student t {ends}"

    @property
    def of_itself(self) -> str:
        """How well it is known for these very points."""
        if self.own == 0:
            return "exact for these points"
        if math.isnan(self.own):
            return "no error for these points: one replicate"
        return f"± {number(self.own, 2)} for these points (standard error)"

    @property
    def between(self) -> str:
        """Its bounds in expectation, as text."""
        return "" if self.bounds is None else " and ".join(number(end) for end in self.bounds)


def levels(run: Run) -> dict[str, Level]:
    """By model: the reference where there is one, else the highest lower bound at the largest K."""
    told = {name: how for name, _, how in about.models(run)}
    bounds = about.bounds(run)
    return {
        str(model): _level(str(model), rows, told.get(str(model), ""), bounds)
        for model, rows in run.results.groupby("model", sort=False)
    }


def _level(model: str, rows: pd.DataFrame, how: str, bounds: dict[str, str]) -> Level:
    row = rows.iloc[0]
    points = int(row["points"]) if math.isfinite(row["points"]) else 0
    if math.isfinite(row["reference"]):
        both = row["reference_lower"], row["reference_upper"]
        within = both if all(map(math.isfinite, both)) else None
        figures = row["reference"], row["reference_stderr_points"], row["reference_stderr"]
        return Level(model, points, *figures, "" if how == "exact" else how, True, within)
    best = _largest_lower_bound(rows, bounds)
    figures = best["log_evidence"], best["log_evidence_stderr_points"], best["log_evidence_stderr"]
    kind = bounds.get(best["estimator"], "")
    is_bound = f"; {'a ' if kind.startswith('lower') else ''}{kind} in expectation" if "lower" in kind else ""
    source = f"no truth is known; estimated by {best['estimator']} with K = {best['k']:.0f}{is_bound}"
    return Level(model, points, *figures, source, False)


def _largest_lower_bound(rows: pd.DataFrame, bounds: dict[str, str]) -> pd.Series:
    """Of each estimator the largest K; of those that are lower bounds the highest, else the first."""
    last = rows.loc[rows.groupby("estimator", sort=False)["k"].idxmax()]
    lower = last[[bounds.get(name, "").startswith("lower") for name in last["estimator"]]]
    lower = lower[lower["log_evidence"].map(math.isfinite)]
    return lower.loc[lower["log_evidence"].idxmax()] if len(lower) else last.iloc[0]


def measured(level: Level) -> bool:
    """Whether the truth was measured, with an error that can be seen."""
    return level.known and level.own > EXACT
