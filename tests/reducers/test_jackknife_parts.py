"""The constants and the series inside the jackknife, each against its definition."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch

from evidence_bench.estimators.reducers.jackknife.coefficients import coefficients, subset_weights
from evidence_bench.estimators.reducers.jackknife.series import elementary, log_coefficients, power_series
from evidence_bench.estimators.reducers.power_sums import power_sums


@pytest.mark.parametrize("m", range(1, 8))
@pytest.mark.parametrize("k", [9, 64, 5000])
def test_subset_weights_remove_powers_of_one_over_k(k, m):
    """sum c_j = 1 and sum c_j (K-j)^-i = 0 for i = 1..m, exactly."""
    c = subset_weights(k, m)
    assert sum(c) == 1
    for i in range(1, m + 1):
        assert sum(w * Fraction(1, (k - j) ** i) for j, w in enumerate(c)) == 0


@pytest.mark.parametrize("k", [6, 64, 5000, 1_000_000])
def test_constants_share_out_the_whole(k):
    """Each order's constants of all subsets of the top sum to one, and those of the sizes to about log K."""
    m = 5
    constants = coefficients(k, m, tuple(range(1, m + 1)))
    counts = np.array([math.comb(m, a) for a in range(m + 1)])
    assert counts @ constants.on_log == pytest.approx(np.ones(m), abs=1e-11)
    harmonic = (
        [sum(Fraction(1, i) for i in range(1, o + 1)) for o in range(1, m + 1)] if k == 1_000_000 else []
    )
    for o, value in enumerate(harmonic):
        with mpmath.workdps(60):
            exact = mpmath.fsum(
                mpmath.mpf(c.numerator) / c.denominator * mpmath.log(k - j)
                for j, c in enumerate(subset_weights(k, o + 1))
            )
        assert constants.log_sizes[o] == pytest.approx(float(exact), rel=1e-15)
        assert constants.log_sizes[o] == pytest.approx(math.log(k) + float(value), abs=1e-4)


@pytest.mark.parametrize("m", range(1, 9))
def test_polynomial_is_the_logarithm(m):
    share = np.linspace(0, 0.5, 1001)
    polynomial = sum(b * share**n for n, b in enumerate(log_coefficients(m), start=1))
    assert polynomial == pytest.approx(np.log1p(-share), abs=4e-15)
    assert list(log_coefficients(m)[:m]) == [-1 / n for n in range(1, m + 1)]


def test_power_series_of_a_power_of_expm1():
    t = 0.3
    table = power_series(4)
    for k in range(1, 5):
        value = sum(coefficient * t**n for n, coefficient in enumerate(table[k - 1]))
        assert value == pytest.approx(math.expm1(t) ** k, rel=1e-14)


def test_elementary_polynomials_by_their_definition():
    y = torch.tensor([[0.9, 0.5, 0.4, 0.05, 0.0], [0.3, 0.3, 0.3, 0.3, 0.3]], dtype=torch.float64)
    series = elementary(power_sums(y, log_coefficients(3).size), 3)
    t = 0.2
    values = series @ (t ** torch.arange(series.shape[-1], dtype=torch.float64))
    for row, value in zip(y.tolist(), values.tolist(), strict=True):
        v = [math.expm1(t * one) for one in row]
        expected = [sum(map(math.prod, itertools.combinations(v, order))) for order in (1, 2, 3)]
        assert value == pytest.approx(expected, rel=1e-12)
