"""The ratio of two estimators' rmse, and its interval."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.compare import rmse_ratio
from evidence_bench.models.errors import BenchError


def test_interval_covers_the_ratio():
    """200 repetitions of points with scales 1 to 3: fewer than 180 covered has probability .3% at 95%."""
    generator, hits = np.random.default_rng(0), 0
    scale = np.linspace(1, 3, 8)
    for _ in range(200):
        got = rmse_ratio(
            0.5 * scale * generator.standard_normal((60, 8)), scale * generator.standard_normal((90, 8))
        )
        hits += got.low <= 0.5 <= got.high
    assert hits >= 180


def test_same_data_same_interval_and_the_resamples_are_independent():
    errors = np.random.default_rng(1).standard_normal((40, 3))
    got = rmse_ratio(errors, errors)
    assert got == rmse_ratio(errors, errors)
    assert got.value == 1.0
    assert got.low < 0.95
    assert got.high > 1.05


def test_no_ratio_without_errors_to_compare():
    errors = np.ones((4, 2))
    infinite = errors.copy()
    infinite[0, 0] = np.inf
    assert "not finite" in rmse_ratio(errors, infinite).reason
    assert "one replicate" in rmse_ratio(errors, errors[:1]).reason
    assert "no error" in rmse_ratio(errors, 0 * errors).reason
    with pytest.raises(BenchError, match="same points"):
        rmse_ratio(errors, errors[:, :1])
