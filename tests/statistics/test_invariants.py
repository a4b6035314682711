"""What holds of the log of a mean weight for every law and every K (Burda et al. 2016, appendix)."""

import numpy as np
import pytest

from tests.statistics.laws import TwoPoint

LAWS = (TwoPoint(0.3, 0.2), TwoPoint(0.5, 1e-6), TwoPoint(0.01, 1e-12), TwoPoint(0.99, 1e-3))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("k", [1, 2, 8, 64])
def test_mean_absolute_deviation_is_below_two_plus_twice_the_gap(law, k):
    probability, mean_weight = law.counts(k)
    estimate = np.log(mean_weight)
    expected = probability @ estimate
    assert expected <= 0
    assert probability @ np.abs(estimate - expected) <= 2 - 2 * expected


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("k", [1, 2, 8, 64])
def test_overshoot_by_b_has_probability_below_exp_minus_b(law, k):
    probability, mean_weight = law.counts(k)
    for overshoot in (0.01, 0.1, 0.5, 1, 2, 4):
        assert probability[np.log(mean_weight) > overshoot].sum() <= np.exp(-overshoot) * (1 + 1e-12)
