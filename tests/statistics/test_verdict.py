"""The four verdicts, each earned by data that deserve it."""

import numpy as np
import pytest
from scipy import stats

from evidence_bench.benchmarks.statistics.arrays import Interval
from evidence_bench.benchmarks.statistics.controls import best_errors
from evidence_bench.benchmarks.statistics.expansions import predicted_bias
from evidence_bench.benchmarks.statistics.moments import weight_moments
from evidence_bench.benchmarks.statistics.verdict import Verdict, judge_bias, judge_variance, verdict_of
from tests.statistics.laws import Gaussian20, LogNormal

EASY, HARD = LogNormal(0.25), LogNormal(4.0)


def iwae_errors(law, k, shape, seed=0):
    """Errors [R, B] of the log of the mean of k weights."""
    return np.log(law.weights((*shape, k), np.random.default_rng(seed)).mean(axis=-1))


def moments_of(law, points, **more):
    return weight_moments(law.moment(2), law.moment(3), points=points, **more)


def too_variable(errors, factor=1.3):
    """The same means, ``factor`` times the variance."""
    mean = errors.mean(axis=0)
    return mean + np.sqrt(factor) * (errors - mean)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.9, 1.1, "agrees"),
        (0.95, 1.12, "undecided"),
        (0.85, 1.15, "undecided"),
        (1.11, 1.3, "disagrees"),
        (0.5, 0.89, "disagrees"),
        (np.nan, np.nan, "undecided"),
    ],
)
def test_verdict_of_an_interval(low, high, verdict):
    interval = Interval(1.0, low, high, "")
    assert verdict_of(interval, interval) == verdict
    all_ratios = Interval(1.0, 0.0, 3.0, "")
    assert verdict_of(interval, all_ratios) == ("undecided" if verdict == "disagrees" else verdict)


@pytest.mark.parametrize("k", [4, 16, 64])
def test_iwae_agrees_in_the_regime(k):
    """R x B = 16,000: the ratio's sd is .011, so a right program misses "agrees" with probability below 1e-4.

    At K = 4 the truth itself is 1.013, for the third term.
    """
    errors = iwae_errors(EASY, k, (2000, 8))
    assert judge_variance(errors, k, moments_of(EASY, 8), "log-mean").verdict is Verdict.AGREES


def test_gaussian20_agrees_on_both_propositions():
    """The controlled bias has a relative error of .2% here, the variance one of 2%."""
    law = Gaussian20()
    errors = iwae_errors(law, 64, (1000, 4))
    moments = moments_of(law, 4)
    controlled = best_errors(errors, errors, 64, moments, "log-mean").errors
    assert judge_variance(errors, 64, moments, "log-mean").verdict is Verdict.AGREES
    judged = judge_bias(controlled, 64, moments, "log-mean")
    assert judged.verdict is Verdict.AGREES
    truth = law.bias(64) / float(predicted_bias("log-mean", 64, law.moment(2), law.moment(3)))
    assert abs(judged.ratio.value - truth) < judged.ratio.high - judged.ratio.low < 0.02


@pytest.mark.parametrize("k", [8, 64])
def test_thirty_percent_too_much_variance_disagrees(k):
    """R x B = 3200: the ratio is 1.3 +- .033, so its interval clears 1.1 in more than 99.99% of seeds."""
    errors = iwae_errors(EASY, k, (400, 8), seed=1)
    assert (
        judge_variance(too_variable(errors), k, moments_of(EASY, 8), "log-mean").verdict is Verdict.DISAGREES
    )


def test_a_bias_of_another_estimator_disagrees():
    """Twice the errors have twice the bias; as controlled, that is known to 1%."""
    errors = iwae_errors(EASY, 16, (1000, 4))
    moments = moments_of(EASY, 4)
    controlled = best_errors(errors, errors, 16, moments, "log-mean").errors
    assert judge_bias(2 * controlled, 16, moments, "log-mean").verdict is Verdict.DISAGREES
    assert judge_bias(controlled, 16, moments, "log-mean").verdict is Verdict.AGREES


def test_the_interval_of_the_bias_is_students_at_95_percent():
    """100 replicates of one point: t has 99 degrees; without error of the prediction its ends are exact."""
    errors = np.random.default_rng(3).standard_normal((100, 1)) - 2.0
    moments = moments_of(EASY, 1)
    predicted = float(predicted_bias("log-mean", 64, EASY.moment(2), EASY.moment(3)))
    stderr = errors.std(ddof=1) / 10 / abs(predicted)
    ratio = judge_bias(errors, 64, moments, "log-mean").ratio
    assert ratio.value == pytest.approx(errors.mean() / predicted)
    for end, sign in ((ratio.low, -1), (ratio.high, 1)):
        assert end - ratio.value == pytest.approx(sign * stats.t.ppf(0.975, 99) * stderr)


def test_too_little_data_are_undecided():
    errors = iwae_errors(EASY, 16, (50, 2))
    assert judge_variance(errors, 16, moments_of(EASY, 2), "log-mean").verdict is Verdict.UNDECIDED
    assert judge_bias(errors, 16, moments_of(EASY, 2), "log-mean").verdict is Verdict.UNDECIDED


def test_lognormal_four_is_not_in_the_regime():
    errors = iwae_errors(HARD, 64, (200, 4))
    for judge in (judge_variance, judge_bias):
        assert judge(errors, 64, moments_of(HARD, 4), "log-mean").verdict is Verdict.NOT_ASYMPTOTIC


def test_error_of_the_moments_widens_the_interval():
    errors = iwae_errors(EASY, 64, (2000, 8))
    rough = moments_of(EASY, 8, c2_stderr=0.1, c3_stderr=0.1)
    judged = judge_variance(errors, 64, rough, "log-mean")
    assert judged.verdict is Verdict.UNDECIDED
    assert judged.ratio.high - judged.ratio.low > 0.4
    bias_width = [judge_bias(errors, 64, m, "log-mean").ratio for m in (rough, moments_of(EASY, 8))]
    assert bias_width[0].high - bias_width[0].low > bias_width[1].high - bias_width[1].low


def test_a_point_outside_the_regime_does_not_enter():
    errors = iwae_errors(EASY, 16, (1000, 20))
    errors[:, 0] *= 100
    c2, c3 = np.full(20, EASY.moment(2)), np.full(20, EASY.moment(3))
    c2[0] = c3[0] = np.inf
    judged = judge_variance(errors, 16, weight_moments(c2, c3, points=20), "log-mean")
    assert judged.verdict is Verdict.AGREES


def test_jackknife_and_delta_have_a_variance_verdict_of_their_own_and_none_on_bias():
    generator = np.random.default_rng(2)
    w = EASY.weights((2000, 8, 16), generator)
    mean = w.mean(-1)
    delta = np.log(mean) + w.var(axis=-1, ddof=1) / (32 * mean**2)
    moments = moments_of(EASY, 8)
    assert judge_variance(delta, 16, moments, "delta").verdict is Verdict.AGREES
    assert judge_variance(delta, 16, moments, "jackknife", order=1).verdict is Verdict.AGREES
    for name, order in (("delta", 0), ("jackknife", 1), ("none", 0)):
        assert judge_bias(delta, 16, moments, name, order=order).verdict is Verdict.NO_EXPANSION
    assert judge_variance(delta, 16, moments, "none").verdict == ""
    assert judge_variance(delta, 16, None, "log-mean").verdict == ""


def test_nothing_to_judge_is_undecided_with_a_reason():
    errors = iwae_errors(EASY, 64, (50, 2))
    one = judge_variance(errors[:1], 64, moments_of(EASY, 2), "log-mean")
    infinite = errors.copy()
    infinite[3, 1] = -np.inf
    not_finite = judge_bias(infinite, 64, moments_of(EASY, 2), "log-mean")
    perfect = judge_variance(errors, 64, weight_moments(0.0, 0.0, points=2), "log-mean")
    for judged, reason in (
        (one, "fewer than 20 replicates"),
        (not_finite, "not finite"),
        (perfect, "predicted 0"),
    ):
        assert judged.verdict is Verdict.UNDECIDED
        assert reason in judged.ratio.reason
