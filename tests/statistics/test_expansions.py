"""Predicted bias and variance against exact expectations: what is left shrinks at the next order."""

import numpy as np
import pytest
from scipy import special

from evidence_bench.benchmarks.statistics.expansions import (
    Series,
    bias_coefficients,
    predicted_bias,
    predicted_variance,
    series_of,
)
from evidence_bench.models.errors import BenchError
from tests.statistics.laws import EXPANSIONS, TWO_POINT, LogNormal, TwoPoint

KS = (64, 128)


def order_of(remainder: dict[int, float]) -> float:
    """Slope of log abs remainder against log K between the two K."""
    (k0, r0), (k1, r1) = remainder.items()
    return float(np.log(abs(r1 / r0)) / np.log(k1 / k0))


def exact(law: TwoPoint, name: str, order: int, k: int) -> tuple[float, float]:
    return law.mean_and_variance(law.estimate(name, order, k), k)


@pytest.mark.parametrize("law", TWO_POINT)
@pytest.mark.parametrize(
    ("name", "order", "left"), [("log-mean", 0, 3), ("jackknife", 1, 3), ("delta", 0, 3)]
)
def test_bias_remainder_is_of_the_next_order(law, name, order, left):
    c2, c3 = law.moment(2), law.moment(3)
    remainder = {
        k: exact(law, name, order, k)[0] - float(predicted_bias(name, k, c2, c3, order=order)) for k in KS
    }
    assert order_of(remainder) == pytest.approx(-left, abs=0.3)


@pytest.mark.parametrize("law", TWO_POINT)
def test_bias_of_jackknife_two_needs_c4_and_follows_the_corrected_a3(law):
    c2, c3, c4 = (law.moment(i) for i in (2, 3, 4))
    assert np.isnan(predicted_bias("jackknife", 64, c2, c3, order=2))
    ratio = [
        exact(law, "jackknife", 2, k)[0] / float(predicted_bias("jackknife", k, c2, c3, order=2, c4=c4))
        for k in KS
    ]
    assert abs(ratio[1] - 1) < 0.1
    assert abs(ratio[1] - 1) < 0.6 * abs(ratio[0] - 1)


@pytest.mark.parametrize("law", TWO_POINT)
def test_third_term_of_the_log_mean(law):
    """With a3 the remainder is of order K^-4; the paper's printed a3 would leave K^-3."""
    a = bias_coefficients(law.moment(2), law.moment(3), law.moment(4))
    remainder = {
        k: exact(law, "log-mean", 0, k)[0] - float(sum(a[i] / k ** (i + 1) for i in range(3))) for k in KS
    }
    assert order_of(remainder) == pytest.approx(-4, abs=0.3)


@pytest.mark.parametrize("law", TWO_POINT)
@pytest.mark.parametrize(("name", "order"), EXPANSIONS)
def test_variance_remainder_is_of_order_three(law, name, order):
    c2, c3 = law.moment(2), law.moment(3)
    remainder = {
        k: exact(law, name, order, k)[1] - float(predicted_variance(name, k, c2, c3, order=order))
        for k in (128, 256)
    }
    assert order_of(remainder) == pytest.approx(-3, abs=0.3)


@pytest.mark.parametrize("a", [0.1, 1.0, 7.5])
def test_gamma_weights(a):
    """Gamma(a, 1): bias psi(aK) - log(aK), variance psi'(aK); a3 = 0, so four terms' worth is left."""
    c2, c3, c4 = 1 / a, 2 / a**2, 3 / a**2 + 6 / a**3
    assert bias_coefficients(c2, c3, c4)[2] == pytest.approx(0.0, abs=1e-9 / a**3)
    ks = (int(64 / a), int(128 / a))
    of_bias = {k: special.digamma(a * k) - np.log(a * k) - predicted_bias("log-mean", k, c2, c3) for k in ks}
    of_variance = {k: special.polygamma(1, a * k) - predicted_variance("log-mean", k, c2, c3) for k in ks}
    assert order_of(of_bias) == pytest.approx(-4, abs=0.1)
    assert order_of(of_variance) == pytest.approx(-3, abs=0.1)


def test_jackknife_of_exponential_weights():
    """Figures for Gamma(1, 1), K = 16: order 1 is off by 3.47e-4."""
    assert predicted_bias("jackknife", 16, 1.0, 2.0, order=1) == pytest.approx(3.47e-4, abs=5e-7)


@pytest.mark.parametrize(("s2", "ks"), [(0.25, (32, 256)), (1.0, (64, 1024))])
def test_lognormal_bias_remainder_tends_to_a3(s2, ks):
    law = LogNormal(s2)
    c2, c3, c4 = (law.moment(i) for i in (2, 3, 4))
    a3 = float(bias_coefficients(c2, c3, c4)[2])
    left = [k**3 * (law.bias(k) - float(predicted_bias("log-mean", k, c2, c3))) for k in ks]
    assert abs(left[1] - a3) < 0.2 * abs(left[0] - a3)


def test_no_series_no_prediction_and_infinite_moments_are_legal():
    assert np.isnan(predicted_bias("none", 8, 1.0, 1.0))
    assert np.isnan(predicted_variance("none", 8, 1.0, 1.0))
    assert np.isnan(predicted_variance("jackknife", 2, 1.0, 1.0, order=2))
    assert not np.isfinite(predicted_variance("log-mean", 8, [np.inf, 0.1], [np.inf, 0.1])[0])
    assert not np.isfinite(predicted_bias("delta", 8, np.inf, np.inf))


def test_names_are_those_that_reducers_declare():
    from evidence_bench.estimators.base import Expansion

    assert {e.value for e in Expansion} == {s.value for s in Series}
    assert series_of(Expansion.DELTA) is Series.DELTA
    assert series_of("jackknife", 0) is Series.LOG_MEAN
    with pytest.raises(BenchError, match="no expansion 'taylor'"):
        series_of("taylor")
    with pytest.raises(BenchError, match="order -1"):
        series_of("jackknife", -1)
