"""The controls keep the bias exactly and take away the orders of variance that they say they do."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.arrays import Quantity
from evidence_bench.benchmarks.statistics.columns import bias
from evidence_bench.benchmarks.statistics.controls import (
    best_errors,
    bias_controlled,
    controlled_errors,
    shares_of_controls,
)
from evidence_bench.benchmarks.statistics.moments import weight_moments
from evidence_bench.models.errors import BenchError
from tests.statistics.laws import EXPANSIONS, TWO_POINT, Gaussian20, LogNormal
from tests.statistics.simulated import whole


def residual(law, name, order, k, number):
    """The controlled error for each number of highs among k, with its exact mean and variance."""
    _, mean_weight = law.counts(k)
    error = law.estimate(name, order, k)[None, :]
    values = controlled_errors(error, mean_weight[None, :] - 1, k, law.moment(2), whole(number))
    return law.mean_and_variance(values[0], k)


@pytest.mark.parametrize("law", TWO_POINT)
@pytest.mark.parametrize(("name", "order"), EXPANSIONS)
@pytest.mark.parametrize("number", [1, 2])
def test_controls_leave_the_expectation_alone(law, name, order, number):
    for k in (4, 64):
        plain = law.mean_and_variance(law.estimate(name, order, k), k)[0]
        assert residual(law, name, order, k, number)[0] == pytest.approx(plain, abs=1e-11)


@pytest.mark.parametrize("law", TWO_POINT)
@pytest.mark.parametrize(("name", "order"), EXPANSIONS)
@pytest.mark.parametrize(("number", "falls"), [(0, 1), (1, 2), (2, 3)])
def test_order_of_the_variance_that_is_left(law, name, order, number, falls):
    """1/K, 1/K^2, 1/K^3 for every series: the C^2 coefficient of jackknife and delta method is -1/2 too."""
    left = [residual(law, name, order, k, number)[1] for k in (128, 256)]
    assert np.log2(left[0] / left[1]) == pytest.approx(falls, abs=0.1)


def controls_of(moments, k=64, replicates=200):
    """The number of controls of each point, where all replicates have as many."""
    shares = shares_of_controls(k, moments, replicates)
    number = shares.first + shares.second
    assert number.shape == (replicates, len(moments.c2))
    assert (number == number[0]).all()
    return number[0].tolist()


def test_number_of_controls_is_a_matter_of_c2_alone_where_the_tail_is_light():
    c2 = [0.6, 1.28, 1.3, 6.4, 6.5, np.inf, np.nan, 0.0]
    known = weight_moments(c2, [1.0] * 7 + [0.0], points=8)
    assert controls_of(known) == [2, 2, 1, 1, 0, 0, 0, 2]
    uncertain = weight_moments(c2[:7], 1.0, c2_stderr=0.01, points=7)
    assert controls_of(uncertain) == [1, 1, 1, 1, 0, 0, 0]


def test_a_skewed_mean_weight_gets_fewer_controls():
    """c3/(c2^1.5 sqrt K) up to .35 and 1.5 from R B = 200 and 800 on, less below, either sign."""
    c3 = np.array([0.34, 0.36, 1.49, 1.51, -0.36, -1.51, np.inf, np.nan]) * 8
    heavy = weight_moments(1.0, c3, points=8)
    assert controls_of(heavy) == [2, 1, 1, 0, 1, 0, 0, 0]
    assert controls_of(heavy, replicates=25) == [2, 1, 0, 0, 1, 0, 0, 0]
    assert controls_of(weight_moments(1.0, 0.3495 * 8, points=1), replicates=199) == [1]
    assert controls_of(weight_moments(1.0, 0.3495 * 8, points=1), replicates=200) == [2]


def test_estimated_moments_decide_for_the_other_half():
    """c2/K and k-hat of one half, and the share of the first control that the other half gets."""
    c2 = 64 * np.array([[0.15, 0.05, 0.1, 0.01, 0.01, 0.01], [0.05, 0.15, 0.05, 0.01, 0.01, np.nan]])
    khat = np.array([[0.2, 0.2, 0.2, 0.5, 0.4, 0.2], [0.2, 0.2, 0.2, np.nan, -0.2, 0.2]])
    args = {"points": 6, "estimated": True, "c2_halves": c2, "khat_halves": khat}
    shares = shares_of_controls(64, weight_moments(1.0, 1.0, 0.01, 0.1, 0.2, **args), 5)
    np.testing.assert_allclose(shares.first[:2], [[1, 0, 1, 0, 1, 0]] * 2)
    np.testing.assert_allclose(shares.first[2:], [[0, 1, 0.5, 0, 0.5, 1]] * 3)
    assert not shares.second.any()
    alone = weight_moments(1.0, 1.0, 0.01, 0.1, 0.2, points=5, estimated=True)
    assert not shares_of_controls(64, alone, 1).first.any()


def test_a_hard_point_keeps_its_plain_error():
    generator = np.random.default_rng(0)
    w = np.stack([LogNormal(s2).weights((400, 64), generator).mean(-1) for s2 in (0.25, 1.0, 4.0)], axis=1)
    c2, c3 = ([LogNormal(s2).moment(i) for s2 in (0.25, 1.0, 4.0)] for i in (2, 3))
    moments = weight_moments(c2, c3, points=3)
    errors, c = np.log(w), w - 1
    measured = best_errors(errors, errors, 64, moments, "log-mean")
    assert measured is not None
    best = measured.errors
    np.testing.assert_allclose(best[:, 0], (errors - c + (c**2 - moments.c2 / 64) / 2)[:, 0], rtol=1e-12)
    np.testing.assert_allclose(best[:, 1], (errors - c)[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(best[:, 2], errors[:, 2])


def is_empty(quantity: Quantity) -> bool:
    return bool(np.isnan(quantity.value) and np.isnan(quantity.stderr))


def test_controlled_columns_are_empty_where_nothing_may_be_controlled():
    errors, c = np.zeros((50, 2)), np.zeros((50, 2))
    easy, hard = weight_moments(0.1, 0.1, points=2), weight_moments(50.0, 9.0, points=2)
    assert is_empty(bias_controlled(errors, None, 64, easy, "log-mean"))
    assert is_empty(bias_controlled(errors, c, 64, None, "log-mean"))
    assert is_empty(bias_controlled(errors, c, 64, hard, "log-mean"))
    assert is_empty(bias_controlled(errors, c, 64, easy, "none"))
    assert not is_empty(bias_controlled(errors, c, 64, easy, "delta"))
    with pytest.raises(BenchError, match="one for each"):
        bias_controlled(errors, c[:, :1], 64, easy, "log-mean")


def test_infinite_estimates_stay_infinite_under_control():
    errors, c = np.zeros((50, 2)), np.zeros((50, 2))
    errors[0, 0] = c[0, 0] = -np.inf
    easy = weight_moments(0.1, 0.1, points=2)
    assert bias_controlled(errors, c, 64, easy, "log-mean").value == -np.inf


def test_first_control_takes_three_quarters_of_the_standard_error_at_least():
    """20-D Gaussian, K = 64, R = 1000: the gain is about sqrt(2 K / c2) = 11.9, known here to about .4."""
    law = Gaussian20()
    mean = law.weights((1000, 64), np.random.default_rng(5)).mean(axis=1)[:, None]
    plain = bias(np.log(mean)).stderr
    one = bias(controlled_errors(np.log(mean), mean - 1, 64, law.moment(2), whole(1))).stderr
    assert one <= plain / 4
    assert plain / one == pytest.approx(np.sqrt(2 * 64 / law.moment(2)), rel=0.15)
