"""Verdicts on times: how often they are wrong where nothing changed, and what they see where something did.

Times are drawn from laws like those of a machine, and summed up as the bench does it: median and MAD of
5 runs of every cell, or of 50 for two cells in three.
"""

import numpy as np
import pytest
from scipy.stats import binom

from evidence_bench.benchmarks.statistics.times import Change, Times, compare_times, median_stderr, qn
from evidence_bench.models.errors import BenchError

CELLS, COMPARISONS = 40, 400
NOISE = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "heavy tails": lambda rng, shape: rng.standard_t(3, shape),
    "delays": lambda rng, shape: rng.exponential(size=shape) * np.where(rng.random(shape) < 0.1, 10, 1),
}
FALSE = {Change.SLOWER, Change.FASTER}


def timed(rng, law, sd, between, ratio=1.0, runs=5, cells=CELLS):
    """Times of a run: ``sd`` [cells] within it, ``between`` (sd) from run to run, both as shares."""
    shift = np.exp(between * rng.standard_normal(cells)) * ratio
    times = shift[:, None] * np.maximum(0.2, 1 + sd[:, None] * NOISE[law](rng, (cells, runs)))
    return Times.of(np.median(times, axis=1), median_stderr(times), np.full(cells, runs))


def compared(rng, law="normal", between=0.02, ratio=1.0, runs=5, cells=CELLS, margin=0.05):
    sd = 0.02 * np.exp(0.5 * rng.standard_normal(cells))
    before, after = (timed(rng, law, sd, between, r, runs, cells) for r in (1.0, ratio))
    return compare_times(before, after, margin)


@pytest.mark.parametrize("between", [0.0, 0.03])
@pytest.mark.parametrize("runs", [5, 50])
@pytest.mark.parametrize("law", NOISE)
def test_equal_runs_name_no_cell_in_at_least_95_percent(law, runs, between):
    """Fails in 1e-4 of seeds where exactly 5% of the comparisons name a cell."""
    rng = np.random.default_rng(5)
    wrong = sum(bool(FALSE & set(compared(rng, law, between, runs=runs).changes)) for _ in range(COMPARISONS))
    assert wrong <= binom.isf(1e-4, COMPARISONS, 0.05)


def test_a_change_of_the_margin_itself_is_called_the_same_in_at_most_5_percent():
    rng = np.random.default_rng(6)
    wrong = sum(
        Change.SAME in compared(rng, between=0.002, ratio=1.1, runs=50, margin=0.1).changes
        for _ in range(COMPARISONS)
    )
    assert wrong <= binom.isf(1e-4, COMPARISONS, 0.05)


@pytest.mark.parametrize(("share", "found"), [(0.03, 0.95), (1 / 3, 0.95), (0.5, 0.85), (1.0, 0.99)])
def test_a_slowdown_of_30_percent_is_seen_whatever_the_share_of_cells(share, found):
    rng = np.random.default_rng(7)
    slow = np.arange(CELLS) < round(share * CELLS)
    seen = [
        change is Change.SLOWER
        for _ in range(100)
        for change, planted in zip(
            compared(rng, ratio=np.where(slow, 1.3, 1.0), runs=15).changes, slow, strict=True
        )
        if planted
    ]
    assert np.mean(seen) >= found


def test_the_interval_of_a_cell_covers_in_95_percent():
    """The scatter between runs is in it; 16,000 intervals, of which a comparison's 40 share one scatter."""
    rng = np.random.default_rng(8)
    inside = [
        np.mean((one.low <= 1) & (one.high >= 1)) for one in (compared(rng) for _ in range(COMPARISONS))
    ]
    assert 0.94 <= np.mean(inside) <= 0.99


def test_equal_times_are_the_same_where_the_machine_is_quiet_enough():
    rng = np.random.default_rng(9)
    changes = compared(rng, between=0.002, runs=50).changes
    assert np.mean([one is Change.SAME for one in changes]) > 0.8
    assert not FALSE & set(changes)


def test_times_without_any_noise_are_decided():
    seconds, none, runs = np.linspace(1, 2, 9), np.zeros(9), np.full(9, 5)
    before = Times.of(seconds, none, runs)
    assert set(compare_times(before, before).changes) == {Change.SAME}
    assert set(compare_times(before, Times.of(2 * seconds, none, runs)).changes) == {Change.SLOWER}
    assert compare_times(before, before).ratio == pytest.approx(1.0)


def test_the_p_value_is_two_sided_as_the_interval_is():
    """A ratio whose 95% interval just reaches one has p = .05: both come from one law."""
    before = Times.of([1.0], [0.02], [5])
    apart = compare_times(before, before)
    ratio = apart.high / apart.ratio
    moved = compare_times(before, Times.of(ratio, 0.02 * ratio, [5]))
    assert moved.low == pytest.approx([1.0])
    assert moved.p_different == pytest.approx([0.05])


def test_few_cells_have_no_scatter_between_runs():
    rng = np.random.default_rng(10)
    assert np.isnan(compared(rng, cells=7).between)
    assert compared(rng, cells=8).between >= 0
    assert np.isfinite(compared(rng, cells=1).low).all()


def test_qn_is_the_sd_of_a_normal_law_and_not_spoilt_by_a_third():
    values = np.random.default_rng(11).standard_normal(600)
    assert qn(values) == pytest.approx(1, abs=0.12)  # four standard errors
    values[:200] += 100
    assert qn(values) < 2.5


@pytest.mark.parametrize(
    "bad", [([0.0], [0.1], [5]), ([1.0], [-0.1], [5]), ([1.0], [0.1], [1]), ([np.nan], [0.1], [5])]
)
def test_what_is_no_time_is_refused(bad):
    with pytest.raises(BenchError, match="time the cells again"):
        Times.of(*bad)


@pytest.mark.parametrize("margin", [0.0, -1.0, np.nan])
def test_a_margin_is_above_zero(margin):
    one = Times.of([1.0], [0.1], [5])
    with pytest.raises(BenchError, match="margin"):
        compare_times(one, one, margin)
