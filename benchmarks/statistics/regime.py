"""Where the expansions in 1/K hold: K far enough above c2, and the second term small beside the first.

The third term is of the order of the second one squared. Up to an eighth the variance is within 5.4% of its
two terms on lognormal, Gamma and two-point weights, half of what a verdict tolerates; up to a quarter, 17%.
"""

from __future__ import annotations

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Mask
from evidence_bench.benchmarks.statistics.moments import WeightMoments

LARGEST_SHARE = 0.1  # of c2/K
LARGEST_SECOND_TERM = 0.125  # of the variance's first term
SHARE_OF_POINTS = 0.95


def points_in_regime(k: int, moments: WeightMoments) -> Mask:
    """[B]: c2/K <= .1 and abs(c3 - 5 c2^2/2)/(K c2) <= .125, and k-hat < .5 where they are estimated.

    Constant weights (c2 = c3 = 0) are in it. Unknown or infinite moments are not, nor is an unknown k-hat.
    """
    c2, c3 = moments.c2, moments.c3
    with np.errstate(invalid="ignore", over="ignore"):
        second = np.abs(c3 - 5 * c2**2 / 2) <= LARGEST_SECOND_TERM * k * c2
        return np.asarray(moments.trusted & np.isfinite(c3) & (c2 / k <= LARGEST_SHARE) & second)


def row_in_regime(k: int, moments: WeightMoments) -> bool:
    """Whether 95% of the points are in the regime at K."""
    return bool(points_in_regime(k, moments).mean() >= SHARE_OF_POINTS)
