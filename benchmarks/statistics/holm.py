"""Holm's correction: many tests at once, at most one chance in twenty of any false rejection."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.models.errors import BenchError


def holm(p_values: ArrayLike) -> Array:
    """max over j <= i of min(1, (m - j + 1) p_(j)): adjusted p-values [m], in the order they were given.

    Rejecting where the adjusted value is below a level keeps the chance of any false rejection below that
    level, however the tests depend on each other. Raises BenchError for what is no probability.
    Source: Holm, Scandinavian Journal of Statistics 6, 1979.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise BenchError("Holm's correction takes a list of numbers from 0 to 1; give one p-value a test.")
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(stepped)
    return adjusted
