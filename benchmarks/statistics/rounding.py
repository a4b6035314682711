"""What rounding does to an estimate: spreads and biases below it are no figures of the estimator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array

_UNITS = 16  # of the last place; a log density is a sum of many terms


def rounding_of(estimates: ArrayLike, epsilon: float) -> float:
    """16 epsilon max(1, abs log p), in nats: what is left of log densities at the level of these estimates.

    ``epsilon`` is the relative precision of the model's numbers: 2e-16 in float64, 1e-7 in float32.
    """
    values = np.abs(np.asarray(estimates, dtype=np.float64))
    return _UNITS * epsilon * float(np.max(values, initial=1.0, where=np.isfinite(values)))


def has_spread(errors: Array, rounding: float = 0.0) -> bool:
    """Whether errors [R, B] differ over replicates, at any point, by more than rounding.

    Where they do not, their spread is not known to be zero: what makes it may be too rare to have been met.
    """
    return bool(np.isfinite(errors).all() and (np.ptp(errors, axis=0) > rounding).any())
