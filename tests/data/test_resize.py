"""105 x 105 to 28 x 28: equal to the definition, and exact."""

from __future__ import annotations

import numpy as np

from evidence_bench.models.data.resize import LARGE, QUARTERS, SMALL, shrunk

INK = np.random.default_rng(6).random((20, LARGE, LARGE)) < 0.3


def test_equals_the_mean_over_quarters_of_pixels():
    """Each pixel is cut into 4 x 4; the result is the mean over squares of 15 x 15 of those."""
    quarters = np.kron(INK.astype(np.int64), np.ones((1, 4, 4), np.int64))
    squares = quarters.reshape(len(INK), SMALL, QUARTERS, SMALL, QUARTERS).sum((2, 4))
    assert np.array_equal(shrunk(INK), squares.reshape(len(INK), -1).astype(np.float32) / np.float32(225))


def test_ink_is_kept_and_empty_and_full_stay_so():
    levels = np.rint(shrunk(INK).astype(np.float64) * 225)
    assert levels.sum() == 16 * INK.sum()
    assert (shrunk(np.zeros((1, LARGE, LARGE), bool)) == 0).all()
    assert (shrunk(np.ones((1, LARGE, LARGE), bool)) == 1).all()


def test_a_corner_stays_in_its_corner():
    ink = np.zeros((1, LARGE, LARGE), bool)
    ink[0, :3, -3:] = True
    image = shrunk(ink).reshape(SMALL, SMALL)
    assert image[0, -1] == np.float32(144 / 225)
    assert np.count_nonzero(image) == 1
