"""A fixed order for the images of a split, the same on every platform and blind to what they show.

Files come sorted: the test file of the binarised MNIST by digit, the drawings of OMNIGLOT by character. So
the first n rows of a file are no fair subset; the first n in this order are.
"""

from __future__ import annotations

import hashlib

import numpy as np


def mixed(purpose: str, n: int) -> np.ndarray:
    """[n] int64: 0..n-1 in the order of the sha256 of (purpose, number)."""
    numbers = sorted(
        range(n), key=lambda number: hashlib.sha256(f"{purpose}, image {number}".encode()).digest()
    )
    return np.asarray(numbers, dtype=np.int64)
