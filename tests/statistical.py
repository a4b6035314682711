"""Assertions about random quantities that say how often they fail by chance and what they can see.

Every test fixes its seed, so it passes or fails for good; the false-fail rate is the share of seeds at
which a correct program would fail, and the power the share at which the stated error would be seen.
"""

from __future__ import annotations

import numpy as np
from scipy import stats


def assert_mean(
    values: np.ndarray, expected: float, *, sees: float, false_fail: float = 1e-4, power: float = 0.99
) -> None:
    """Mean of iid ``values`` equals ``expected``, by a z-test at level ``false_fail``.

    Also demands that a mean off by ``sees`` would be noticed with probability ``power``: a sample too
    small to see the error that matters fails whatever its mean.
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    stderr = values.std(ddof=1) / np.sqrt(values.size)
    threshold = stats.norm.isf(false_fail / 2)
    needed = (threshold + stats.norm.ppf(power)) * stderr
    assert needed <= sees, f"{values.size} values see an error of {needed:.3g}, not of {sees:.3g}"
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.nan_to_num((values.mean() - expected) / stderr, posinf=np.inf, neginf=-np.inf)
    assert abs(deviation) <= threshold, (
        f"mean {values.mean():.6g} is {deviation:.2f} standard errors from {expected:.6g}; "
        f"a correct program exceeds {threshold:.2f} in {false_fail:.0e} of seeds"
    )
