"""Arrays as float64, and the small results that the statistics return."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import BenchError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Over(StrEnum):
    """What a standard error takes to be random."""

    REPLICATES = "replicates and reference, points fixed"
    POINTS = "points as a sample"


@dataclass(frozen=True)
class Quantity:
    """A figure with its standard error; NaN where the data cannot give one."""

    value: float
    stderr: float
    over: Over = Over.REPLICATES


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
