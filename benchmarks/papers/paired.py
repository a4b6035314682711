"""Means over test images and differences on the same images, each with a standard error over images."""

from __future__ import annotations

import numpy as np

from evidence_bench.benchmarks.papers.sheet import Value
from evidence_bench.benchmarks.statistics.arrays import Array


def mean(values: Array) -> Value:
    """Mean of values [B] and its standard error, the images as a sample; NaN error for B = 1."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else np.nan
    return Value(float(values.mean()), spread / float(np.sqrt(len(values))))


def difference(after: Array, before: Array) -> Value:
    """Mean of after - before, [B] both, of the same images in the same order."""
    return mean(after - before)


def direction(value: Value, expected: float) -> str:
    """'yes', 'no' or 'undecided': whether the sign of value is that of ``expected`` at 2 standard errors."""
    if not np.isfinite(value.stderr) or abs(value.value) <= 2 * value.stderr:
        return "undecided"
    return "yes" if value.value * expected > 0 else "no"
