"""The truths the other tests stand on, against figures found by other means."""

import numpy as np
import pytest
from scipy import special, stats

from tests.statistical import assert_mean
from tests.statistics.laws import Gaussian20, LogNormal, TwoPoint, expected_log_sum


@pytest.mark.parametrize(("k", "published"), [(1, -0.5), (2, -0.290485), (8, -0.089948), (64, -0.012941)])
def test_lognormal_bias(k, published):
    assert LogNormal(1.0).bias(k) == pytest.approx(published, abs=6e-7)


def test_gaussian20_has_the_moments_and_the_bias_it_should_have():
    law = Gaussian20()
    assert (law.moment(2), law.moment(3)) == pytest.approx((0.9067, 1.7483), abs=6e-5)
    assert law.bias(1) == pytest.approx(10 * np.log(4 / 3) - 10 / 3, abs=1e-9)
    assert law.bias(64) == pytest.approx(-0.00709, abs=6e-6)
    mean = law.weights((400_000, 8), np.random.default_rng(4)).mean(axis=1)
    assert_mean(np.log(mean) - (mean - 1), law.bias(8), sees=1e-3)


def test_gaussian20_is_the_law_of_the_weights_of_its_latents():
    """Kolmogorov-Smirnov at level 1e-4: 20,000 against 20,000 draws see a gap in distribution above .033."""
    law, generator = Gaussian20(), np.random.default_rng(3)
    short, long = law.weights((20_000,), generator), law.weights_from_latents((20_000,), generator)
    assert stats.ks_2samp(short, long).pvalue > 1e-4
    assert_mean(long, 1.0, sees=0.05)


def test_gamma_weights_by_the_integral():
    """Gamma(a, 1): E log sum of k = psi(a k)."""
    w = np.linspace(0, 80, 4001)
    density = stats.gamma.pdf(w, 6.0)
    expected = special.digamma(48) - np.log(48)
    assert expected_log_sum(w / 6, density / density.sum(), 8) == pytest.approx(expected, abs=1e-9)


def test_two_point_jackknife_by_leaving_out():
    """Order 2 at K = 6, against the mean over subsets written out for one arrangement of the weights."""
    from itertools import combinations

    law, k, highs = TwoPoint(0.3, 0.2), 6, 2
    low, high = law.values
    w = np.array([high] * highs + [low] * (k - highs))
    means = [np.mean([np.log(w[list(s)].mean()) for s in combinations(range(k), k - j)]) for j in range(3)]
    expected = k**2 / 2 * means[0] - (k - 1) ** 2 * means[1] + (k - 2) ** 2 / 2 * means[2]
    assert law.estimate("jackknife", 2, k)[highs] == pytest.approx(expected, abs=1e-12)
