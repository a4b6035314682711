"""How many samples a budget buys."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.clocks import scatter, within_evaluations, within_seconds

KS = 2.0 ** np.arange(10)


def test_evaluations_buy_k_in_proportion():
    cost = 3 * KS
    assert within_evaluations(KS, cost, 48.0).k == pytest.approx(16)
    assert within_evaluations(KS, cost, 3 * 5000.0).k == pytest.approx(5000)
    assert within_evaluations(KS, cost, 2.0).k == 0


@pytest.mark.parametrize("k", [20.0, 100.0, 512.0, 5000.0])
def test_seconds_buy_k_within_the_stated_error(k):
    """200 repetitions of times known to 5%: 2.5 stated errors hold K in nearly all."""
    generator, off = np.random.Generator(np.random.Philox(71)), []
    budget = 1e-4 + 2e-6 * k
    for _ in range(200):
        seconds = (1e-4 + 2e-6 * KS) * np.exp(0.05 * generator.standard_normal(10))
        bought = within_seconds(KS, seconds, np.full(10, 0.05), budget)
        assert bought.known
        off.append(np.log(bought.k / k) / bought.log_stderr)
    assert np.mean(np.abs(off) <= 2.5) >= 0.95


def test_less_than_the_first_costs_buys_nothing():
    assert within_seconds(KS, 1e-4 + 2e-6 * KS, np.full(10, 0.01), 5e-5).k == 0


def test_where_time_does_not_grow_the_last_k_is_all_that_is_known():
    flat = np.full(10, 1e-3) * (1 + 0.01 * (-1.0) ** np.arange(10))
    bought = within_seconds(KS, flat, np.full(10, 0.02), 1.0)
    assert (bought.k, bought.known) == (pytest.approx(512.0), False)
    assert not within_seconds(KS[:1], flat[:1], np.full(1, 0.02), 1.0).known


def test_the_scatter_about_a_line_is_that_of_the_times():
    generator = np.random.Generator(np.random.Philox(72))
    found = [
        scatter(KS, (1e-4 + 2e-6 * KS) * np.exp(0.1 * generator.standard_normal(10))) for _ in range(300)
    ]
    assert all(degrees == 8 for _, degrees in found)
    assert np.mean([squares / 8 for squares, _ in found]) == pytest.approx(0.01, rel=0.15)
    assert scatter(KS[:2], KS[:2]) == (0.0, 0)
