"""The RMSE without the reference's error: right on average, and its interval covers."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.columns import rmse, variance
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from tests.statistics.measured_references import ONE_IMAGE_OFTEN, covers, references

R, SD = 50, 0.1


def figure(bias, stderr, group=None, sd=SD):
    """RMSE of normal errors of that bias and sd at 16 points, about references of that standard error."""

    def measured(noise):
        off, known = references(noise, 16, stderr, group)
        return rmse(bias + sd * noise.standard_normal((R, 16)) - off, known)

    return measured


@pytest.mark.parametrize("stderr", [0.02, 0.05])
@pytest.mark.parametrize("bias", [-0.005, -0.05, -0.3])
@pytest.mark.parametrize("group", [None, ONE_IMAGE_OFTEN], ids=["all differ", "equal points"])
def test_rmse_covers_under_a_measured_reference(bias, stderr, group):
    """1000 repetitions, standard error .007. Measured over 4000: .947 to .976; above .97 where the bias is no
    larger than the reference's error, so that the true RMSE is near its least possible value, the sd.

    Left by chance in 1e-3 of seeds. With the reference's error in the mean square, coverage is .59 at bias
    -.005, se .05, and .82 at bias -.05.
    """
    assert 0.92 <= covers(figure(bias, stderr, group), np.hypot(bias, SD), 1000) <= 0.99


@pytest.mark.parametrize("sd", [0.02, 0.1])
def test_mean_square_has_no_error_of_the_reference_in_it(sd):
    """At bias -.1 and se .05 the mean square is bias^2 + sd^2 = .01 + sd^2, not .0025 more.

    500 repetitions: its mean is known to .0003, so the test fails by chance in 1e-4 of seeds.
    """
    squares = [figure(-0.1, 0.05, sd=sd)(np.random.default_rng(seed)).value ** 2 for seed in range(500)]
    assert np.mean(squares) == pytest.approx(0.01 + sd**2, abs=0.0012)


def test_no_rmse_is_below_the_spread_of_the_replicates():
    """A reference far worse than the estimates would take the mean square below zero."""
    errors = 0.01 * np.random.default_rng(0).standard_normal((R, 4))
    got, spread = rmse(errors, 0.5), variance(errors)
    assert got.value == pytest.approx(np.sqrt(spread.value), rel=0.02)
    assert got.low == pytest.approx(np.sqrt(spread.low))
    assert 0.2 < got.high < 1.5
    assert np.isfinite(got.stderr)
    plain = rmse(errors, ReferenceStderr.of(0.0, 4))
    assert plain.value == pytest.approx(np.sqrt((errors**2).mean()))
