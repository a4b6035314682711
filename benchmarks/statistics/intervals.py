"""Ends of 95% intervals by Student's t, and the degrees of freedom of a sum of variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

LEVEL = 0.95


def reach(stderr: ArrayLike, degrees: ArrayLike) -> np.ndarray:
    """t_.975(degrees) stderr, half the width of a 95% interval; NaN where either is, or degrees are below 1.

    Infinite degrees are the normal law. Degrees need not be whole.
    """
    degrees = np.asarray(degrees, dtype=np.float64)
    middle = (1 + LEVEL) / 2
    quantile = np.where(np.isinf(degrees), ndtri(middle), stdtrit(np.maximum(degrees, 1.0), middle))
    return np.where(np.isnan(degrees), np.nan, quantile) * np.asarray(stderr, dtype=np.float64)


def degrees_of_sum(variances: ArrayLike, degrees: ArrayLike) -> float:
    """(sum v)^2 / sum(v^2 / d): degrees of freedom of a sum of independent estimated variances v.

    Infinite where all that count are known exactly, or are zero. Source: Satterthwaite, Biometrics
    Bulletin 2, 1946; Welch, Biometrika 34, 1947.
    """
    v, d = np.asarray(variances, dtype=np.float64), np.asarray(degrees, dtype=np.float64)
    unsure = float((v**2 / d).sum())
    return float(v.sum() ** 2 / unsure) if unsure > 0 else float("inf")
