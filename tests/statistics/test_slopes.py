"""Slopes and the second coefficient, from replicates that share draws over K as a study's do."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.expansions import predicted_variance
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.benchmarks.statistics.moments import weight_moments
from evidence_bench.benchmarks.statistics.second_coefficient import _intercept_weights, second_coefficient
from evidence_bench.benchmarks.statistics.slopes import bias_slope, predicted_slope, variance_slope
from evidence_bench.models.errors import BenchError
from tests.statistics.laws import LogNormal

LAW = LogNormal(0.25)
KS = (4, 8, 16, 32)


def study(replicates, points, ks=KS, seed=0):
    """(errors, once controlled errors) [n_k, R, B]: K is the first K draws of each replicate."""
    w = LAW.weights((replicates, points, max(ks)), np.random.default_rng(seed))
    mean = np.stack([w[..., :k].mean(-1) for k in ks])
    return np.log(mean), np.log(mean) - (mean - 1)


def plain(errors):
    return [MeasuredErrors.plain(one) for one in errors]


def exact_bias_slope(ks):
    return predicted_slope(ks, [LAW.bias(k) for k in ks])


def test_slopes_cover_the_exact_ones():
    """100 studies of R = 200: fewer than 88 covered has probability .2% at a coverage of 95%."""
    truth, hits = exact_bias_slope(KS), 0
    for seed in range(100):
        _, controlled = study(200, 1, seed=seed)
        got = bias_slope(KS, plain(controlled))
        hits += got.interval.low <= truth <= got.interval.high
        assert got.ks == KS
    assert truth == pytest.approx(-1, abs=0.03)
    assert hits >= 88


def test_variance_slope():
    """R x B = 4000: the interval is 4 sds wide, so a right program is further off in 1e-4 of seeds.

    The two-term variance is within 1.3% of the true one at K = 4, so its slope is off by .006 at most.
    """
    errors, _ = study(1000, 4)
    predicted = [float(predicted_variance("log-mean", k, LAW.moment(2), LAW.moment(3))) for k in KS]
    truth = np.polyfit(np.log(KS), np.log(predicted), 1)[0]
    got = variance_slope(KS, errors)
    assert abs(got.value - truth) < got.high - got.low + 0.006
    assert 0.02 < got.high - got.low < 0.08


def test_only_biases_clear_of_noise_enter():
    """Zero-mean noise is no bias, and a slope over it is refused; one clear K is not enough."""
    noise = np.random.default_rng(1).standard_normal((3, 150, 2))
    assert "fewer than two" in bias_slope((1, 2, 4), plain(noise)).interval.reason
    noise[0] -= 5
    assert "fewer than two" in bias_slope((1, 2, 4), plain(noise)).interval.reason
    noise[1] -= 2.5
    got = bias_slope((1, 2, 4), plain(noise))
    assert got.interval.low < -1 < got.interval.high
    assert got.ks == (1, 2)
    noise[2] += 2.5
    assert "changes sign" in bias_slope((1, 2, 4), plain(noise)).interval.reason


def test_no_k_enters_after_one_that_failed():
    """The last K shows a bias, but one before it does not: what is above the noise there may be luck."""
    noise = (
        np.random.default_rng(2).standard_normal((4, 150, 2)) * 0.5 - np.array([5, 2.5, 0, 2])[:, None, None]
    )
    assert bias_slope((1, 2, 4, 8), plain(noise)).ks == (1, 2)


def test_the_replicates_that_choose_the_k_are_not_fitted():
    """Two K with biases of -4 and -2: what the choosing third says of them moves no slope."""
    errors = np.random.default_rng(3).standard_normal((2, 30, 2)) - np.array([4, 2])[:, None, None]
    before = bias_slope((1, 2), plain(errors))
    errors[0, ::3] -= 100
    assert bias_slope((1, 2), plain(errors)) == before
    assert before.interval.low < -1 < before.interval.high


def test_not_finite_k_is_left_out_of_the_slope_and_few_replicates_have_none():
    errors, controlled = study(300, 2)
    errors[0, 5, 1] = controlled[0, 5, 1] = -np.inf
    rest = bias_slope(KS[1:], plain(controlled[1:]))
    assert bias_slope(KS, plain(controlled)) == rest
    assert rest.ks == KS[1:]
    assert variance_slope(KS, errors) == variance_slope(KS[1:], errors[1:])
    assert "three replicates" in variance_slope(KS, errors[:, :2]).reason
    assert "fewer than two" in variance_slope(KS[:2], errors[:2]).reason
    assert "fewer than 6 replicates" in bias_slope(KS, plain(controlled[:, :5])).interval.reason
    with pytest.raises(BenchError, match="each K once"):
        bias_slope((4, 4, 8, 16), plain(errors))


def test_second_coefficient_of_log_mean_and_its_coverage():
    """v2 = 5 c2^2/2 - c3 = -.063. 100 studies: fewer than 88 covered has probability .2% at 95%."""
    moments = weight_moments(LAW.moment(2), LAW.moment(3), points=4)
    hits = 0
    for seed in range(100):
        got = second_coefficient(KS, study(100, 4, seed=seed)[0], moments, "log-mean")
        hits += got.measured.low <= got.predicted <= got.measured.high
    assert got.ks == KS
    assert got.predicted == pytest.approx(2.5 * LAW.moment(2) ** 2 - LAW.moment(3))
    assert hits >= 88


def test_second_coefficient_fits_exactly_what_has_the_form():
    """Errors +-sqrt(v (R-1)/R) have variance v = c2/K + v2/K^2 + v3/K^3 exactly."""
    ks, c2, v2, v3 = (8, 16, 64, 128), 0.5, -0.7, 3.0
    v = np.array([c2 / k + v2 / k**2 + v3 / k**3 for k in ks])
    signs = np.tile([1.0, -1.0], 20)
    errors = np.sqrt(v * 39 / 40)[:, None, None] * signs[None, :, None]
    got = second_coefficient(ks, errors, weight_moments(c2, 0.625, points=1), "log-mean")
    assert got.measured.value == pytest.approx(v2, rel=1e-9)
    rough = weight_moments(c2, 0.625, c2_stderr=0.1, points=1)
    wide = second_coefficient(ks, errors, rough, "log-mean").measured
    assert wide.high - wide.low > got.measured.high - got.measured.low


def test_second_coefficient_needs_three_k_in_the_regime():
    errors, _ = study(50, 2, ks=(1, 2, 4, 8))
    moments = weight_moments(LAW.moment(2), LAW.moment(3), points=2)
    few = second_coefficient((1, 2, 4, 8), errors, moments, "log-mean")
    assert np.isnan(few.measured.value)
    assert few.measured.reason == "2 K are in the regime; 3 are needed"
    assert few.ks == (4, 8)
    assert second_coefficient((1, 2, 4, 8), errors, moments, "none").measured.reason == "no expansion applies"


@pytest.mark.parametrize(("name", "order"), [("delta", 0), ("jackknife", 1), ("jackknife", 3)])
def test_second_coefficient_predicted_for_corrected_estimators(name, order):
    errors, _ = study(20, 2)
    moments = weight_moments(LAW.moment(2), LAW.moment(3), points=2)
    got = second_coefficient(KS, errors, moments, name, order=order)
    assert got.predicted == pytest.approx(LAW.moment(2) ** 2 / 2)


def test_the_second_coefficient_weighs_each_k_by_its_noise():
    """v2 + v3/K by least squares whose residuals count 1/K, as numpy's fit has it."""
    ks, values = np.array([8.0, 32.0, 64.0, 256.0]), np.array([3.0, 1.0, 2.0, 5.0])
    assert _intercept_weights(ks) @ values == pytest.approx(np.polyfit(1 / ks, values, 1, w=1 / ks)[1])
