"""The order of the bias, from exact expectations: a two-point weight law makes them finite sums."""

from __future__ import annotations

import math

import mpmath
import pytest
from mpmath import mpf
from scipy import special

from evidence_bench.benchmarks.laws.reducer_order import ORDER
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject
from evidence_bench.benchmarks.laws.two_points import TwoPoint
from evidence_bench.estimators.reducers import Jackknife
from evidence_bench.estimators.reducers.jackknife.coefficients import subset_weights
from tests.reducers.enumeration import weight_of
from tests.reducers.instances import REDUCERS

LAW = TwoPoint(1, 3, 0.7)


@pytest.mark.parametrize("reducer", [r for r in REDUCERS if r.bias_order is not None], ids=repr)
def test_slope_of_the_bias(reducer):
    """The order itself, where the law asks for no more than a bias that falls no slower.

    From order 5 on only the bias at K of 16 and 32, far from the limit, is above rounding.
    """
    outcome = ORDER(ReducerSubject(repr(reducer), reducer))
    assert outcome.figure <= 0.1
    assert outcome.figure >= -0.1 or reducer.bias_order > 4


@pytest.mark.parametrize("reducer", [r for r in REDUCERS if r.bias_order is None], ids=repr)
def test_without_an_order_the_bias_stays(reducer):
    assert LAW.bias(reducer, 128) == pytest.approx(LAW.bias(reducer, 64), rel=1e-12)
    assert abs(LAW.bias(reducer, 64)) > 1e-2


@pytest.mark.parametrize("k", [16, 64, 200])
@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_expectation_of_the_jackknife(k, m):
    """E JVI_m = sum_j c_j E L_(K-j), in 50 digits and for every order, visible as a slope or not."""
    law = LAW
    with mpmath.workdps(50):
        expected = mpmath.fsum(weight_of(j, k, m) * _expected_log_mean(law, k - j) for j in range(m + 1))
    assert law.expectation(Jackknife(order=m), k) == pytest.approx(float(expected), abs=1e-11)


def _expected_log_mean(law: TwoPoint, k: int) -> mpf:
    p = mpf(law.p)
    return mpmath.fsum(
        math.comb(k, n)
        * p**n
        * (1 - p) ** (k - n)
        * mpmath.log((n * mpf(law.high) + (k - n) * mpf(law.low)) / k)
        for n in range(k + 1)
    )


def test_jackknife_of_gamma_weights():
    """Gamma(1, 1) weights: E L_K = psi(K) - log K, and log p = 0."""

    def bias(m: int) -> float:
        c = subset_weights(16, m)
        return sum(float(w) * (special.digamma(16 - j) - math.log(16 - j)) for j, w in enumerate(c))

    assert [bias(m) for m in range(3)] == pytest.approx([-3.158e-2, 3.47e-4, 4.94e-7], rel=2e-3)
