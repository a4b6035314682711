"""How fast the jackknife is beside the enumeration of subsets; timings, so not in the default run."""

from __future__ import annotations

import statistics
import time

import pytest
import torch

from evidence_bench.benchmarks.laws.rows import spread
from evidence_bench.estimators.reducers import Jackknife
from tests.reducers.enumeration import enumerated

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread():
    """Both sides on one thread: waking a second one for work of a millisecond takes as long as the work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _seconds(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def _each_enumerated(rows, m):
    return torch.stack([enumerated(row, m) for row in rows])


def test_hundred_times_faster_than_enumeration():
    """K = 64, m = 3, 20 rows in each; medians of interleaved runs on one thread."""
    rows = torch.stack([spread(1.0, 64, seed) for seed in range(20)])
    jackknife = Jackknife(order=3)
    assert (jackknife(rows) - _each_enumerated(rows, 3)).abs().max() <= 1e-7
    pairs = [(_seconds(_each_enumerated, rows, 3), _seconds(jackknife, rows)) for _ in range(5)]
    theirs, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"enumeration {theirs:.3g} s, jackknife {ours:.3g} s, ratio {theirs / ours:.0f}")
    assert theirs >= 100 * ours


def test_five_thousand_weights_at_order_five():
    """20 rows in at most 0.6 s."""
    rows = torch.stack([spread(1.0, 5000, seed) for seed in range(20)])
    seconds = statistics.median(_seconds(Jackknife(order=5), rows) for _ in range(7))
    print(f"{seconds:.3g} s")
    assert seconds <= 0.6
