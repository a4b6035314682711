"""The columns of a cell: right on data whose truth is known, exact at deep levels, honest where undefined."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.arrays import Over
from evidence_bench.benchmarks.statistics.columns import (
    bias,
    bias_over_points,
    columns,
    errors_of,
    n_not_finite,
    rmse,
    variance,
)
from evidence_bench.models.errors import BenchError


def normal_errors(replicates, points, seed=0, spread=1.0):
    """Errors of mean .2 (b - 1) and sd ``spread`` (1 + b/4) at point b."""
    b = np.arange(points)
    noise = np.random.default_rng(seed).standard_normal((replicates, points))
    return 0.2 * (b - 1) + spread * (1 + b / 4) * noise


def test_columns_are_what_their_names_say():
    estimates, truth = normal_errors(7, 3) - 50, np.array([-50.0, -49.0, -48.0])
    got = columns(estimates, truth)
    error = estimates - truth
    assert got.bias.value == pytest.approx(error.mean())
    assert got.variance.value == pytest.approx(estimates.var(axis=0, ddof=1).mean())
    assert got.rmse.value == pytest.approx(np.sqrt((error**2).mean()))
    assert got.bias_over_points.stderr == pytest.approx(error.mean(0).std(ddof=1) / np.sqrt(3))
    assert got.bias_over_points.over is Over.POINTS
    assert got.n_not_finite == 0


def test_level_of_minus_thousand_costs_no_digits():
    """Variance 1e-6 at -1000 nats: the spacing of floats there, 1.1e-13, is all that is lost."""
    noise = 1e-3 * np.random.default_rng(1).standard_normal((500, 4))
    deep, shallow = columns(noise - 1000.0, -1000.0), columns(noise, 0.0)
    for name in ("bias", "variance", "rmse"):
        a, b = getattr(deep, name), getattr(shallow, name)
        assert a.value == pytest.approx(b.value, rel=1e-9, abs=1e-13)
        assert a.stderr == pytest.approx(b.stderr, rel=1e-9)


def test_variance_is_of_one_point_and_never_pooled():
    estimates = np.tile(np.array([[0.0, 100.0]]), (5, 1)) + np.arange(5)[:, None]
    assert columns(estimates, 0.0).variance.value == pytest.approx(2.5)


def covers(figure, truth) -> float:
    """Share of 2000 seeded data sets whose interval holds the truth.

    Its own standard error is .005 at a coverage of .95: a bound of .02 either side fails by chance in
    4e-5 of seeds, and sees a standard error 10% too small (coverage .922) in 91% of them.
    """
    hits = [q.low <= truth <= q.high for q in map(figure, range(2000))]
    return float(np.mean(hits))


B3 = 0.2 * (np.arange(3) - 1)
SD3 = 1 + np.arange(3) / 4


@pytest.mark.parametrize(
    ("figure", "truth"),
    [
        (bias, B3.mean()),
        (variance, (SD3**2).mean()),
        (rmse, np.sqrt((B3**2 + SD3**2).mean())),
    ],
)
def test_intervals_cover(figure, truth):
    assert covers(lambda seed: figure(normal_errors(100, 3, seed)), truth) == pytest.approx(0.95, abs=0.02)


def test_interval_with_an_uncertain_reference_covers():
    """References off by N(0, .1^2) a point, as large as the replicates' noise."""

    def figure(seed):
        off = 0.1 * np.random.default_rng((seed, 1)).standard_normal(3)
        return bias(normal_errors(100, 3, seed) - off, 0.1)

    assert covers(figure, B3.mean()) == pytest.approx(0.95, abs=0.02)


def test_rmse_interval_with_an_uncertain_reference_covers():
    """At errors of mean 1 and sd .1, the reference's error of .05 is most of the uncertainty."""

    def figure(seed):
        noise = np.random.default_rng((seed, 2))
        return rmse(1 + 0.1 * noise.standard_normal((50, 4)) - 0.05 * noise.standard_normal(4), 0.05)

    assert covers(figure, np.sqrt(1.01)) == pytest.approx(0.95, abs=0.02)


def test_interval_over_points_covers_the_mean_over_new_points():
    """40 points of biases N(0, 1): the stderr over points covers 0, the one with points fixed does not."""

    def errors(seed):
        noise = np.random.default_rng((seed, 3))
        return noise.standard_normal(40) + noise.standard_normal((10, 40))

    assert covers(lambda seed: bias_over_points(errors(seed)), 0.0) == pytest.approx(0.945, abs=0.02)
    assert covers(lambda seed: bias(errors(seed)), 0.0) < 0.6


@pytest.mark.parametrize("replicates", [1, 2, 3, 30])
@pytest.mark.parametrize("points", [1, 5])
def test_few_replicates_and_one_point(replicates, points):
    got = columns(normal_errors(replicates, points), 0.0)
    assert np.isfinite([got.bias.value, got.rmse.value]).all()
    assert np.isfinite(got.variance.value) == (replicates > 1)
    assert np.isfinite(got.bias.stderr) == np.isfinite(got.rmse.stderr) == (replicates > 1)
    assert np.isfinite(got.variance.stderr) == (replicates > 2)
    assert np.isfinite(got.bias_over_points.stderr) == (points > 1)


@pytest.mark.parametrize("bad", [[-np.inf], [np.inf], [-np.inf, np.inf]])
def test_infinite_estimates_are_written_and_not_dropped(bad):
    estimates = normal_errors(20, 2)
    estimates[: len(bad), 1] = bad
    got = columns(estimates, 0.0)
    assert got.n_not_finite == len(bad) == n_not_finite(estimates)
    for quantity in (got.bias, got.bias_over_points, got.variance, got.rmse):
        assert not np.isfinite(quantity.value)
        assert not np.isfinite(quantity.stderr)
    assert got.bias.value == bad[0] or len(bad) == 2


@pytest.mark.parametrize("error", [0.0, 0.1])
@pytest.mark.parametrize("known_to", [0.0, 0.05])
def test_equal_replicates_have_an_error_that_is_not_known(error, known_to):
    """Perfect, or a rare value that none of them met: the data cannot tell."""
    got = columns(np.full((4, 2), error - 3.3), -3.3, known_to)
    assert got.bias.value == pytest.approx(error)
    assert got.variance.value == pytest.approx(0.0, abs=1e-30)
    for figure in (got.bias, got.variance, got.rmse):
        assert np.isnan([figure.stderr, figure.low, figure.high]).all()


def test_wrong_input_is_refused_with_a_sentence():
    with pytest.raises(BenchError, match="give them as"):
        columns(np.zeros(3), 0.0)
    with pytest.raises(BenchError, match="one number for each of 2 points"):
        columns(np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(BenchError, match="not finite"):
        errors_of(np.zeros((3, 2)), np.nan)


def test_the_error_of_a_variance_is_that_of_the_jackknife():
    """Each point's by leaving replicates out in turn: (R-1)/R sum_r (v_(r) - mean v_(.))^2, written out."""
    errors = np.random.default_rng(5).standard_normal((5, 3)) ** 3
    left_out = np.stack([np.delete(errors, r, axis=0).var(axis=0, ddof=1) for r in range(5)])
    squares = 4 / 5 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    assert variance(errors).stderr == pytest.approx(np.sqrt(squares.sum()) / 3)
