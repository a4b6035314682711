"""The exponent of a power law."""

import math

import numpy as np
import pytest
from scipy.stats import linregress

from evidence_bench.benchmarks.throughput.growth import fit_exponent

SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000]


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_an_exact_power_law_gives_its_exponent(exponent):
    fit = fit_exponent(SIZES, [3e-6 * size**exponent for size in SIZES])
    assert fit.value == pytest.approx(exponent, abs=1e-12)
    assert fit.stderr < 1e-12
    assert math.exp(fit.intercept) == pytest.approx(3e-6)
    assert (fit.first, fit.last) == (10_000, 1_000_000)


def test_slope_and_error_are_those_of_least_squares():
    costs = 1e-6 * np.asarray(SIZES) * np.exp(np.random.default_rng(1).normal(0, 0.1, len(SIZES)))
    fit, other = fit_exponent(SIZES, costs), linregress(np.log(SIZES), np.log(costs))
    assert (fit.value, fit.stderr) == pytest.approx((other.slope, other.stderr))
    assert fit.high - fit.value == pytest.approx(3.182446 * other.stderr, rel=1e-6)  # t, 3 degrees


def test_two_sizes_have_no_error_and_one_has_no_exponent():
    assert fit_exponent([1, 10], [1, 10]).stderr is None
    assert fit_exponent([10], [1.0]) is None
    assert fit_exponent([10, 100], [0.0, 1.0]) is None
