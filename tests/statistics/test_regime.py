"""Which points and rows the expansions are claimed for."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.moments import weight_moments
from evidence_bench.benchmarks.statistics.regime import points_in_regime, row_in_regime
from tests.statistics.laws import LogNormal


@pytest.mark.parametrize(
    ("s2", "k", "inside"),
    [
        (0.25, 2, False),
        (0.25, 3, True),
        (1.0, 30, False),
        (1.0, 31, True),
        (4.0, 64, False),
        (4.0, 16384, False),
        (4.0, 32768, True),
    ],
)
def test_lognormal(s2, k, inside):
    """s2 = .25: c2 = .284, so c2/K <= .1 from K = 3; s2 = 1 from K = 18.

    The second term decides for s2 = 1 (c2 (c2 + 1/2)/K <= .125 from K = 31) and 4 (from 23,200).
    """
    law = LogNormal(s2)
    assert row_in_regime(k, weight_moments(law.moment(2), law.moment(3), points=1)) == inside


def test_each_condition_decides():
    c2, c3 = (
        np.array([6.4, 6.5, 1.0, 1.0, 0.0, np.inf, 0.1]),
        np.array([100.0, 100, 10.4, 10.6, 0, 1, np.inf]),
    )
    got = points_in_regime(64, weight_moments(c2, c3, points=7))
    assert got.tolist() == [True, False, True, False, True, False, False]


def test_estimated_moments_need_a_light_tail():
    khat = [0.3, 0.5, np.nan, -0.2]
    known = weight_moments(0.1, 0.1, khat=khat, points=4)
    drawn = weight_moments(0.1, 0.1, 0.01, 0.01, khat, points=4, estimated=True)
    assert points_in_regime(64, known).all()
    assert points_in_regime(64, drawn).tolist() == [True, False, False, True]


def test_a_row_needs_95_percent_of_its_points():
    c2 = np.full(100, 0.1)
    c2[:5] = 50.0
    assert row_in_regime(64, weight_moments(c2, 0.1, points=100))
    c2[5] = 50.0
    assert not row_in_regime(64, weight_moments(c2, 0.1, points=100))
