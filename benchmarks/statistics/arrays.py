"""Arrays as float64, and the small results that the statistics return."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evidence_bench.benchmarks.statistics.intervals import reach
from evidence_bench.models.errors import BenchError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Over(StrEnum):
    """What a standard error takes to be random."""

    REPLICATES = "replicates and reference, points fixed"
    POINTS = "points as a sample"


@dataclass(frozen=True)
class Quantity:
    """A figure with its standard error and 95% interval [low, high]; NaN where the data cannot give one.

    The interval is Student's t with the ``degrees`` of freedom of the error, unless ``ends`` are given.
    """

    value: float
    stderr: float
    over: Over = Over.REPLICATES
    degrees: float = np.inf
    ends: tuple[float, float] | None = None

    @property
    def low(self) -> float:
        """Lower end of the 95% interval."""
        return self.ends[0] if self.ends else float(self.value - reach(self.stderr, self.degrees))

    @property
    def high(self) -> float:
        """Upper end of the 95% interval."""
        return self.ends[1] if self.ends else float(self.value + reach(self.stderr, self.degrees))


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% interval [low, high]; ``reason`` says why, where there is none."""

    value: float
    low: float
    high: float
    kind: str
    reason: str = ""


def no_interval(reason: str) -> Interval:
    """The interval of a figure that cannot be had."""
    return Interval(np.nan, np.nan, np.nan, "none", reason)


def as_estimates(values: ArrayLike) -> Array:
    """``values`` as float64 [R, B]."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.size == 0:
        raise BenchError(f"Estimates have shape {array.shape}; give them as [R, B], replicates by points.")
    return array


def as_points(values: ArrayLike, points: int, called: str) -> Array:
    """``values`` as float64 [points]; one number stands for all points."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), (points,)):
        raise BenchError(f"{called} has shape {array.shape}; give one number for each of {points} points.")
    return np.broadcast_to(array, (points,))


def mean_of_defined(values: Array, axis: int | None = None) -> Array:
    """The mean over ``axis`` of the values that are not NaN; NaN where all are."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
