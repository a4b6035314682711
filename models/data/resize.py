"""105 x 105 to 28 x 28 by exact area averages.

105 = 3.75 x 28, so each of the 28 pixels covers 3.75 x 3.75 pixels of the original and its grey level is the
ink in that square: whole pixels count in full, cut ones by their share. In quarters of a pixel all shares are
whole numbers that add up to 15 x 15 = 225: the sums are exact, and so is the result on every platform.
"""

from __future__ import annotations

import numpy as np

LARGE, SMALL = 105, 28
QUARTERS = 15  # of a pixel's side, under each pixel of the result: 4 x 105 = 15 x 28
_AT_ONCE = 2000


def shares() -> np.ndarray:
    """[28, 105]: quarters of pixel column j of the original that lie under column i of the result."""
    starts = QUARTERS * np.arange(SMALL)[:, None], 4 * np.arange(LARGE)[None, :]
    ends = starts[0] + QUARTERS, starts[1] + 4
    quarters: np.ndarray = np.clip(np.minimum(*ends) - np.maximum(*starts), 0, None)
    return quarters.astype(np.float32)


def shrunk(ink: np.ndarray) -> np.ndarray:
    """grey = ink under the pixel / 225, [n, 784] float32 in [0, 1], of ink [n, 105, 105] bool.

    The sums are integers of at most 225, which float32 holds exactly whatever the order of addition.
    """
    weights, grey = shares(), np.empty((len(ink), SMALL * SMALL), dtype=np.float32)
    for start in range(0, len(ink), _AT_ONCE):
        some = ink[start : start + _AT_ONCE].astype(np.float32)
        sums = weights @ some @ weights.T
        grey[start : start + len(some)] = sums.reshape(len(some), -1) / np.float32(QUARTERS**2)
    return grey
