"""Intervals of bias, variance and RMSE cover at few replicates and few points, where 1.96 errors do not."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.columns import bias, rmse, variance
from evidence_bench.benchmarks.statistics.intervals import chi_square_ends
from tests.statistics.laws import LogNormal, TwoPoint

TWO = TwoPoint(0.15, 0.4)
K = 8


def normal(noise, shape):
    return noise.standard_normal(shape) - 0.2


def two_point(noise, shape):
    """Errors of IWAE at K = 8 under a law whose weight has two values."""
    return TWO.estimate("log-mean", 0, K)[noise.binomial(K, TWO.share, shape)]


def lognormal(noise, shape):
    """Errors of IWAE at K = 8, log w ~ N(-1/2, 1); their bias is -.089948 and their variance about .174."""
    return np.log(LogNormal(1.0).weights((*shape, K), noise).mean(axis=-1))


def exact(errors) -> dict:
    """Bias, variance and rmse: in closed form, as a sum, or (lognormal) from a bias by quadrature."""
    if errors is normal:
        mean, square = -0.2, 1.0
    elif errors is two_point:
        mean, square = TWO.mean_and_variance(TWO.estimate("log-mean", 0, K), K)
    else:
        mean, square = LogNormal(1.0).bias(K), VARIANCE_OF_LOGNORMAL
    return {bias: mean, variance: square, rmse: np.sqrt(mean**2 + square)}


VARIANCE_OF_LOGNORMAL = 0.1746  # from 4e6 draws, to .00013


def coverage(errors, figure, replicates, points, repetitions):
    noise, truth = np.random.default_rng((replicates, points)), exact(errors)[figure]
    got = (figure(errors(noise, (replicates, points))) for _ in range(repetitions))
    return np.mean([q.low <= truth <= q.high for q in got])


@pytest.mark.parametrize("figure", [bias, variance, rmse])
@pytest.mark.parametrize("errors", [normal, two_point])
@pytest.mark.parametrize(("replicates", "points"), [(4, 2), (10, 4)])
def test_intervals_cover_at_few_replicates(errors, figure, replicates, points):
    """1000 repetitions, standard error .007. Of 1.96 standard errors .81 to .83 cover at R = 4, B = 2.

    Measured over 2000: .917 to .961. A coverage of .917 is taken for less than .90 in 3% of seeds, one of .93
    in 1e-4; one of .83 is seen in all.
    """
    assert 0.90 <= coverage(errors, figure, replicates, points, 1000) <= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("figure", [bias, variance, rmse])
@pytest.mark.parametrize("errors", [normal, two_point, lognormal])
@pytest.mark.parametrize("replicates", [4, 10, 20, 50])
@pytest.mark.parametrize("points", [2, 4, 8])
def test_intervals_cover_at_every_size(errors, figure, replicates, points):
    """4000 repetitions, standard error .0035."""
    got = coverage(errors, figure, replicates, points, 4000)
    print(f"{errors.__name__} {figure.__name__} R={replicates} B={points}: {got:.3f}")
    assert 0.91 <= got <= 0.985


def test_chi_square_ends():
    """d = 2 value^2 / stderr^2: with 9 degrees, those of the variance of ten normal values."""
    low, high = chi_square_ends(2.0, 2 * np.sqrt(2 / 9))
    assert (low, high) == pytest.approx((18 / 19.0228, 18 / 2.70039), rel=1e-5)
    assert chi_square_ends(2.0, 0.0) == (2.0, 2.0)
    assert chi_square_ends(0.0, 0.0) == (0.0, 0.0)
    assert np.isnan(chi_square_ends(np.inf, np.nan)).all()
    assert np.isnan(chi_square_ends(1.0, np.nan)).all()
    both = chi_square_ends(1.0, np.sqrt(2 / 0.999e6)), chi_square_ends(1.0, np.sqrt(2 / 1.001e6))
    np.testing.assert_allclose(*both, rtol=1e-5)
    np.testing.assert_allclose(both[1], [1 - 1.96 * np.sqrt(2e-6), 1 + 1.96 * np.sqrt(2e-6)], rtol=2e-5)
    assert np.isfinite(chi_square_ends(1.0, 50.0)).all()
