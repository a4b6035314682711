"""The controlled bias where c2 is estimated from the draws it is used on: its mean and its interval."""

from __future__ import annotations

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.controls import bias_controlled
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from tests.statistical import assert_mean
from tests.statistics.laws import LogNormal
from tests.statistics.simulated import linear_gaussian, lognormal, simulated_cells

LINEAR = {"latents": 10, "observed": 20, "shift": 0.5, "scale": 1.3}
CASES = {
    "lognormal s2=1 K=17": (lognormal(1.0), 17, 60, 32, LogNormal(1.0).bias(17)),
    "lognormal s2=1 K=20": (lognormal(1.0), 20, 60, 32, LogNormal(1.0).bias(20)),
    "lognormal s2=1.5 K=32": (lognormal(1.5), 32, 50, 16, LogNormal(1.5).bias(32)),
    "lognormal s2=2 K=64": (lognormal(2.0), 64, 50, 16, LogNormal(2.0).bias(64)),
    "linear-gaussian scale=1.1 K=10": (linear_gaussian(LinearGaussian(scale=1.1)), 10, 200, 16, None),
    "linear-gaussian 10 latents K=200": (linear_gaussian(LinearGaussian(**LINEAR)), 200, 50, 16, None),
}


def controlled(case, repetitions, seed):
    """[repetitions, 3]: the controlled figure, its standard error, and the mean of all errors less all of C.

    The last has the same mean as the bias and little noise: the truth where there is no exact one.
    """
    law, k, replicates, points, _ = CASES[case]
    figures = []
    for cell in simulated_cells(law, k, replicates, points, repetitions, seed):
        errors = cell.log_mean_ratio
        got = bias_controlled(errors, errors, k, cell.moments, "log-mean")
        figures.append((got.value, got.stderr, float((errors - np.expm1(errors)).mean())))
    return np.array(figures)


def test_controls_chosen_by_an_estimated_c2_leave_the_bias_alone():
    """Chosen by c2 of all draws they shifted it by +.0075 nats; fails in 1e-4 of seeds without a shift."""
    case = "lognormal s2=1 K=17"
    assert_mean(controlled(case, 100, seed=21)[:, 0], CASES[case][-1], sees=0.0032)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_controlled_interval_covers_where_c2_is_estimated(case):
    """1000 repetitions, 92 to 97%: their share has a standard error of .7%. Without halves 56 to 75%.

    A program that covers 94.5% leaves those bounds in 4e-4 of seeds; one that covers 89% is seen in 99.8%.
    """
    figures = controlled(case, 1000, seed=22)
    exact = CASES[case][-1]
    truth = figures[:, 2].mean() if exact is None else exact
    assert np.isfinite(figures).all()
    off, stderr = figures[:, 0] - truth, figures[:, 1]
    covered = np.mean(np.abs(off) <= 1.96 * stderr)
    print(f"{case}: covered {covered:.3f}, shift {off.mean() / stderr.mean():+.3f} standard errors")
    assert 0.92 <= covered <= 0.97
    assert abs(off.mean()) <= 4 * off.std() / 1000**0.5
