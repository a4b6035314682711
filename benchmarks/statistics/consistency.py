"""Does the mean weight equal p(x)? If not, log_joint, proposal and log_evidence do not belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.statistics.arrays import Quantity, as_estimates
from benchmarks.statistics.columns import bias
from benchmarks.statistics.controls import control_of
from benchmarks.statistics.moments import LARGEST_KHAT, WeightMoments
from benchmarks.statistics.reference_stderr import ReferenceStderr

TOO_FAR = 5.0  # standard errors: a right model is that far off in 6e-7 of runs, 1e-4 at the fewest degrees
FEWEST_DEGREES = 20  # of freedom, points x (replicates - 1)


@dataclass(frozen=True)
class WeightCheck:
    """Mean weight over p(x), and "passes", "fails" or "" where it cannot be told."""

    ratio: Quantity
    verdict: str

    @property
    def fails(self) -> bool:
        """Whether the mean of the weights is not p(x)."""
        return self.verdict == "fails"


def weight_check(
    log_mean_ratio: ArrayLike | None,
    moments: WeightMoments | None,
    reference_stderr: ArrayLike | ReferenceStderr = 0.0,
) -> WeightCheck:
    """Mean of 1 + C over replicates and points, held against 1: C = mean(w)/p(x) - 1 = expm1(log_mean_ratio).

    ``reference_stderr`` [B], the error of log p(x) in nats, is to first order that of C.
    Not told where the tail of the weights is too heavy for a standard error (median k-hat of .5 or more), and
    from too few replicates.
    """
    if log_mean_ratio is None:
        return WeightCheck(Quantity(np.nan, np.nan), "")
    c = control_of(as_estimates(log_mean_ratio))
    mean = bias(c, reference_stderr)
    ratio = Quantity(1 + mean.value, mean.stderr)
    if c.shape[1] * (len(c) - 1) < FEWEST_DEGREES or not np.isfinite(mean.stderr) or _heavy(moments):
        return WeightCheck(ratio, "")
    rounding = 1e-4  # nats: float32 log densities
    far = abs(mean.value) > TOO_FAR * mean.stderr + rounding
    return WeightCheck(ratio, "fails" if far else "passes")


def _heavy(moments: WeightMoments | None) -> bool:
    khat = np.array([np.nan]) if moments is None else moments.khat[~np.isnan(moments.khat)]
    return bool(len(khat) and np.median(khat) >= LARGEST_KHAT)
