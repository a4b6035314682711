"""How a cost grows: the exponent of a power law, by least squares on logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t


@dataclass(frozen=True)
class Exponent:
    """cost = exp(intercept) size^value, with the standard error and the 95% interval of ``value``.

    ``first`` and ``last``: the sizes between which it was fitted. With two sizes there is no error.
    """

    value: float
    stderr: float | None
    low: float | None
    high: float | None
    intercept: float
    first: float
    last: float


def fit_exponent(sizes: Sequence[float], costs: Sequence[float]) -> Exponent | None:
    """Slope of log cost against log size, n - 2 degrees of freedom; None below two sizes or at cost 0."""
    if len(sizes) < 2 or min(costs) <= 0:
        return None
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(costs, dtype=float))
    centred = x - x.mean()
    spread = float((centred**2).sum())
    value = float((centred * y).sum() / spread)
    intercept = float(y.mean() - value * x.mean())
    first, last, free = float(min(sizes)), float(max(sizes)), len(x) - 2
    if not free:
        return Exponent(value, None, None, None, intercept, first, last)
    left = float(((y - intercept - value * x) ** 2).sum())
    stderr = math.sqrt(left / free / spread)
    reach = float(t.ppf(0.975, free)) * stderr
    return Exponent(value, stderr, value - reach, value + reach, intercept, first, last)
