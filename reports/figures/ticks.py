"""Tick positions and labels for axes in powers of two (K) and of ten (everything else)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullFormatter, NullLocator

from evidence_bench.reports.numbers import MINUS, TIMES, superscript, whole

_STEPS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0))


def samples_ticks(axis: Axis, values: Sequence[float], *, apart: float) -> None:
    """A tick at each K measured, labels ``apart`` (a share of the axis) from each other."""
    low, high = axis.get_view_interval()
    span = math.log(high / low)
    labelled: list[float] = []
    for value in sorted(values, reverse=True):
        if not labelled or math.log(labelled[-1] / value) / span >= apart:
            labelled.append(value)
    _fixed(axis, labelled[::-1], [whole(value) for value in labelled[::-1]], sorted(values))


def log_ticks(axis: Axis, most: int = 6) -> None:
    """Labels at powers of ten, or at 1, 2, 5 between them where the axis is short; no more than ``most``."""
    low, high = sorted(axis.get_view_interval())
    chosen: list[float] = []
    for steps in _STEPS:
        inside = _inside(low, high, steps)
        if len(inside) <= most or not chosen:
            chosen = inside
    stride = max(1, math.ceil(len(chosen) / most))
    chosen = chosen[::-1][::stride][::-1]
    minor = _inside(low, high, _STEPS[0])
    _fixed(axis, chosen, _labels(chosen), minor)


def linear_ticks(axis: Axis, most: int = 6) -> None:
    """Round numbers, no more than ``most``."""
    low, high = sorted(axis.get_view_interval())
    values = [v for v in MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= v <= high]
    _fixed(axis, values, [f"{round(v, 10):g}".replace("-", MINUS) for v in values], [])


def _inside(low: float, high: float, steps: Sequence[float]) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [s * 10.0**d for d in decades for s in steps if low * 0.999 <= s * 10.0**d <= high * 1.001]


def _labels(values: Sequence[float]) -> list[str]:
    """All plain where all are easy to read, else all as powers of ten."""
    if all(0.001 <= value * 1.0001 < 100_000 for value in values):
        return [f"{value:,.10g}" for value in values]
    return [_power(value) for value in values]


def _power(value: float) -> str:
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = value / 10.0**exponent
    power = f"10{superscript(exponent)}"
    return power if abs(factor - 1) < 1e-6 else f"{factor:g}{TIMES}{power}"


def _fixed(axis: Axis, major: Sequence[float], labels: Sequence[str], minor: Sequence[float]) -> None:
    axis.set_major_locator(FixedLocator(list(major)))
    axis.set_major_formatter(FixedFormatter(list(labels)))
    rest = [value for value in minor if value not in major]
    axis.set_minor_locator(FixedLocator(rest) if rest else NullLocator())
    axis.set_minor_formatter(NullFormatter())
