"""Ends of 95% intervals by Student's t and chi-square, and the degrees of freedom of a sum of variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri, stdtrit

LEVEL = 0.95
_MIDDLE = (1 + LEVEL) / 2
_NEARLY_NORMAL = 1e6  # degrees of freedom, above which chi-square is taken from Wilson and Hilferty


def reach(stderr: ArrayLike, degrees: ArrayLike, level: float = LEVEL) -> np.ndarray:
    """t_.975(degrees) stderr, half the width of a 95% interval; NaN where either is, or degrees are below 1.

    Infinite degrees are the normal law. Degrees need not be whole.
    """
    return quantile(degrees, level) * np.asarray(stderr, dtype=np.float64)


def quantile(degrees: ArrayLike, level: float = LEVEL) -> np.ndarray:
    """The .975 quantile of Student's t; NaN for NaN, and one degree where there are fewer."""
    known = np.asarray(degrees, dtype=np.float64)
    middle = (1 + level) / 2
    student = stdtrit(np.clip(known, 1.0, _NEARLY_NORMAL), middle)
    return np.asarray(np.where(known > _NEARLY_NORMAL, ndtri(middle), student))


def chi_square_ends(value: float, stderr: float) -> tuple[float, float]:
    """value d / chi2_.975(d) and value d / chi2_.025(d), d = 2 value^2 / stderr^2: of a mean of squares.

    A multiple of a chi-square variable with d degrees of freedom has this mean and this standard error
    (Satterthwaite 1946). d is taken to be at least one. Both ends are the value where there is no error.
    """
    if not np.isfinite(value) or np.isnan(stderr):
        return np.nan, np.nan
    if value <= 0 or stderr <= 0:
        return value, value
    degrees = max(2 * (value / stderr) ** 2, 1.0)
    low, high = (value / _chi_square(degrees, p) for p in (_MIDDLE, 1 - _MIDDLE))
    return low, high


def _chi_square(degrees: float, p: float) -> float:
    """The quantile of a chi-square variable over its degrees of freedom."""
    if degrees > _NEARLY_NORMAL:
        spread = 2 / (9 * degrees)
        return float((1 - spread + ndtri(p) * np.sqrt(spread)) ** 3)
    return float(gammaincinv(degrees / 2, p) * 2 / degrees)


def degrees_of_sum(variances: ArrayLike, degrees: ArrayLike) -> float:
    """(sum v)^2 / sum(v^2 / d): degrees of freedom of a sum of independent estimated variances v.

    Infinite where all that count are known exactly, or are zero. Source: Satterthwaite, Biometrics
    Bulletin 2, 1946; Welch, Biometrika 34, 1947.
    """
    v, d = np.asarray(variances, dtype=np.float64), np.asarray(degrees, dtype=np.float64)
    unsure = float((v**2 / d).sum())
    return float(v.sum() ** 2 / unsure) if unsure > 0 else float("inf")
