"""The reference's error in a mean over points: added within a group of equal points, squared between."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.arrays import Quantity
from evidence_bench.benchmarks.statistics.columns import bias, bias_over_points
from evidence_bench.benchmarks.statistics.intervals import degrees_of_sum, reach
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.models.errors import BenchError
from tests.statistics.measured_references import covers, references


def test_equal_points_have_one_error():
    known = ReferenceStderr.of([0.1, 0.1, 0.2, 0.1], 4, group=[0, 0, 2, 0])
    stderr, degrees = known.of_mean()
    assert stderr == pytest.approx(np.hypot(0.3, 0.2) / 4)
    assert degrees == np.inf
    assert known.of_mean([1, -1, 1, 0])[0] == pytest.approx(0.2 / 4)
    assert ReferenceStderr.of(known, 4) is known
    assert known.at(np.array([False, True, False, True])).of_mean()[0] == pytest.approx(0.1)


def test_one_number_stands_for_all_points_and_they_differ():
    assert ReferenceStderr.of(0.3, 9).of_mean()[0] == pytest.approx(0.1)
    with pytest.raises(BenchError, match="reference_stderr"):
        ReferenceStderr.of([0.1, 0.2], 3)
    with pytest.raises(BenchError, match="reference_stderr"):
        bias(np.zeros((4, 3)), ReferenceStderr.of(0.1, 2))


def test_degrees_of_a_mean_are_those_of_its_parts():
    known = ReferenceStderr.of([0.1, 0.1, 0.1], 3, degrees=7, group=[0, 1, 1])
    assert known.of_mean()[1] == pytest.approx(7 * 5**2 / (1 + 4**2))
    assert degrees_of_sum([1.0, 0.0], [3.0, 5.0]) == pytest.approx(3)
    assert degrees_of_sum([0.0, 2.0], [3.0, np.inf]) == np.inf


def test_reach_is_a_quantile_of_student_or_normal():
    np.testing.assert_allclose(
        reach(2.0, [1, 7, np.inf]), 2 * np.array([12.7062, 2.36462, 1.959964]), rtol=1e-5
    )
    assert np.isnan(reach(1.0, np.nan))
    assert Quantity(1.0, 0.5, degrees=7).high == pytest.approx(1 + 0.5 * 2.36462, rel=1e-5)
    assert np.isnan(Quantity(1.0, np.nan).low)


@pytest.mark.parametrize("stderr", [0.02, 0.05])
@pytest.mark.parametrize("group", [None, [0, 0, 0, 0, 4, 4, 6, 7]])
def test_bias_covers_where_each_reference_is_the_mean_of_8_runs(stderr, group):
    """Errors of sd .1 at R = 50: the reference's error, estimated from 8 runs, decides.

    Where errors of equal points were taken to be independent, coverage is .81 (se .05); measured over
    4000: .944 to .957. Bounds of .92 and .98 are left by chance in 1e-4 of seeds.
    """

    def figure(noise):
        known = references(noise, 8, stderr, group)
        errors = -0.1 + 0.1 * noise.standard_normal((50, 8)) - known[0]
        return bias(errors, known[1])

    assert 0.92 <= covers(figure, -0.1) <= 0.98


def test_bias_over_points_has_what_equal_points_share():
    """One image eight times among new points: its reference errs once for all of them."""
    group = [0] * 8 + list(range(8, 16))

    def figure(noise):
        off, known = references(noise, 16, 0.3, group)
        return bias_over_points(
            0.1 * noise.standard_normal(16) + 0.1 * noise.standard_normal((20, 16)) - off, known
        )

    assert 0.92 <= covers(figure, 0.0) <= 0.98
