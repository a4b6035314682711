"""An estimate of log p(x) of each data point, its standard error, and how well that error is known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FINITE_VARIANCE = 0.5  # k-hat below which a spread says how far a mean may be off


@dataclass(frozen=True)
class Estimates:
    """log p(x) [B] in nats, its standard error [B] with its degrees of freedom [B], evaluations a point.

    ``doubtful`` [B]: where something was seen that the standard error does not cover; nowhere if left out.
    """

    value: np.ndarray
    stderr: np.ndarray
    degrees: np.ndarray
    evaluations: float
    doubtful: np.ndarray = field(default_factory=lambda: np.zeros((), dtype=bool))

    def __post_init__(self) -> None:
        object.__setattr__(self, "doubtful", np.broadcast_to(self.doubtful, np.shape(self.value)))


def welch(parts: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """(sum_i s_i^2)^2 / sum_i (s_i^4 / nu_i): degrees of freedom of the root of a sum of squares.

    ``parts`` [n, B] are standard errors s_i of independent parts, ``degrees`` [n, B] theirs; infinite where
    a part is known exactly, and where all are zero. Source: Welch, Biometrika 1947.
    """
    squares = np.asarray(parts, dtype=np.float64) ** 2
    total, inverse = squares.sum(0), 1 / np.asarray(degrees, dtype=np.float64)
    shares = np.divide(squares, total, out=np.zeros_like(squares), where=total > 0)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (shares**2 * inverse).sum(0))
