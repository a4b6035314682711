"""The median over rounds with an interval that assumes no distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom


@dataclass(frozen=True)
class Interval:
    """A median, the interval around it, and the coverage that the interval has."""

    value: float
    low: float
    high: float
    coverage: float


def median_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """[x_(j), x_(n+1-j)] around the median of n values, j the largest with coverage >= ``level``.

    Its coverage is 1 - 2 P(Binomial(n, 1/2) < j), whatever law the independent values follow (the sign
    test turned round). Below 6 values none reaches 95%: then j is 1 and ``coverage`` says what is left.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if n == 0:
        raise ValueError("the median of no value was asked for; time at least one round.")
    places = np.arange(1, (n + 1) // 2 + 1)
    coverages = 1 - 2 * binom.cdf(places - 1, n, 0.5)
    reaching = np.flatnonzero(coverages >= level)
    at = int(reaching[-1]) if len(reaching) else 0
    j = int(places[at])
    return Interval(
        float(np.median(ordered)),
        float(ordered[j - 1]),
        float(ordered[n - j]),
        max(0.0, float(coverages[at])),
    )


def ratio_interval(above: Sequence[float], below: Sequence[float]) -> Interval:
    """Median over rounds of above / below, each ratio from one round, where both met the same machine."""
    ratios = np.asarray(above, dtype=float) / np.asarray(below, dtype=float)
    return median_interval(ratios.tolist())
