"""The controls keep the bias exactly and take away the orders of variance that they say they do."""

import numpy as np
import pytest

from benchmarks.statistics.arrays import Quantity
from benchmarks.statistics.columns import bias
from benchmarks.statistics.controls import best_errors, bias_controlled, controlled_errors, number_of_controls
from benchmarks.statistics.moments import weight_moments
from models.errors import BenchError
from tests.statistics.laws import EXPANSIONS, TWO_POINT, Gaussian20, LogNormal


def residual(law, name, order, k, number):
    """The controlled error for each number of highs among k, with its exact mean and variance."""
    _, mean_weight = law.counts(k)
    error = law.estimate(name, order, k)[None, :]
    values = controlled_errors(error, mean_weight[None, :] - 1, k, law.moment(2), number)
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


def test_number_of_controls_is_a_matter_of_c2_alone():
    c2 = [0.6, 1.28, 1.3, 6.4, 6.5, np.inf, np.nan]
    known = weight_moments(c2, 1.0, points=7)
    assert number_of_controls(64, known).tolist() == [2, 2, 1, 1, 0, 0, 0]
    uncertain = weight_moments(c2, 1.0, c2_stderr=0.01, points=7)
    assert number_of_controls(64, uncertain).tolist() == [1, 1, 1, 1, 0, 0, 0]
    khat = [0.2, 0.6, np.nan, 0.4, 0.1, 0.1, 0.1]
    drawn = weight_moments(c2, 1.0, 0.01, 0.1, khat, points=7, estimated=True)
    assert number_of_controls(64, drawn).tolist() == [1, 0, 0, 1, 0, 0, 0]


def test_a_hard_point_keeps_its_plain_error():
    generator = np.random.default_rng(0)
    w = np.stack([LogNormal(s2).weights((50, 64), generator).mean(-1) for s2 in (0.25, 1.0, 4.0)], axis=1)
    moments = weight_moments([LogNormal(s2).moment(2) for s2 in (0.25, 1.0, 4.0)], 1.0, points=3)
    errors, c = np.log(w), w - 1
    best = best_errors(errors, errors, 64, moments, "log-mean")
    assert best is not None
    np.testing.assert_allclose(best[:, 0], (errors - c + (c**2 - moments.c2 / 64) / 2)[:, 0], rtol=1e-12)
    np.testing.assert_allclose(best[:, 1], (errors - c)[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(best[:, 2], errors[:, 2])


def is_empty(quantity: Quantity) -> bool:
    return bool(np.isnan(quantity.value) and np.isnan(quantity.stderr))


def test_controlled_columns_are_empty_where_nothing_may_be_controlled():
    errors, c = np.zeros((5, 2)), np.zeros((5, 2))
    easy, hard = weight_moments(0.1, 0.1, points=2), weight_moments(50.0, 9.0, points=2)
    assert is_empty(bias_controlled(errors, None, 64, easy, "log-mean"))
    assert is_empty(bias_controlled(errors, c, 64, None, "log-mean"))
    assert is_empty(bias_controlled(errors, c, 64, hard, "log-mean"))
    assert is_empty(bias_controlled(errors, c, 64, easy, "none"))
    assert not is_empty(bias_controlled(errors, c, 64, easy, "delta"))
    with pytest.raises(BenchError, match="one for each"):
        bias_controlled(errors, c[:, :1], 64, easy, "log-mean")


def test_infinite_estimates_stay_infinite_under_control():
    errors, c = np.zeros((5, 2)), np.zeros((5, 2))
    errors[0, 0] = c[0, 0] = -np.inf
    easy = weight_moments(0.1, 0.1, points=2)
    assert bias_controlled(errors, c, 64, easy, "log-mean").value == -np.inf


def test_first_control_takes_three_quarters_of_the_standard_error_at_least():
    """20-D Gaussian, K = 64, R = 1000: the gain is about sqrt(2 K / c2) = 11.9, known here to about .4."""
    law = Gaussian20()
    mean = law.weights((1000, 64), np.random.default_rng(5)).mean(axis=1)[:, None]
    plain = bias(np.log(mean)).stderr
    one = bias(controlled_errors(np.log(mean), mean - 1, 64, law.moment(2), 1)).stderr
    assert one <= plain / 4
    assert plain / one == pytest.approx(np.sqrt(2 * 64 / law.moment(2)), rel=0.15)
