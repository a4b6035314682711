"""The interval of a median, which assumes no distribution."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.medians import median_interval, ratio_interval


@pytest.mark.parametrize(
    ("n", "rank", "coverage"),
    # 1 - 2 (sum of C(n, i), i < rank) / 2^n
    [(1, 1, 0.0), (5, 1, 1 - 2 / 32), (6, 1, 1 - 2 / 64), (11, 2, 1 - 24 / 2048), (20, 6, 0.9586105347)],
)
def test_the_ends_are_the_order_statistics_of_the_sign_test(n, rank, coverage):
    found = median_interval(np.random.default_rng(n).permutation(n).tolist())
    assert (found.low, found.high) == (rank - 1, n - rank)
    assert found.value == (n - 1) / 2
    assert found.coverage == pytest.approx(coverage, abs=1e-9)


def test_it_covers_the_median_of_a_skewed_law_as_often_as_it_says():
    # False-fail rate below 1e-6 (5 standard errors of 4000 repetitions at coverage .988).
    draws = np.random.default_rng(0).exponential(size=(4000, 11))
    found = [median_interval(row) for row in draws]
    share = np.mean([one.low <= np.log(2) <= one.high for one in found])
    said = found[0].coverage
    assert abs(share - said) < 5 * np.sqrt(said * (1 - said) / 4000)


def test_a_ratio_is_taken_within_each_round():
    disturbed = np.array([1.0, 50.0, 3.0, 200.0, 7.0, 1.0])  # the machine's own slowness, shared by a round
    found = ratio_interval(list(3 * disturbed), list(disturbed))
    assert (found.low, found.value, found.high) == pytest.approx((3, 3, 3))


def test_no_round_is_an_error():
    with pytest.raises(ValueError, match="time at least one round"):
        median_interval([])
