"""asv sees a slowdown of 15%, and sees none where nothing changed."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import pytest

from tests.asv.history import ROOT, History, asv_command

# What is planted: every reducer takes 15% longer than it took, on any machine, by waiting as long.
PLANT = """

def _slower(reduce):
    import time

    def reduce_slowly(self, log_w):
        start = time.perf_counter()
        reduced = reduce(self, log_w)
        until = time.perf_counter() + 0.15 * (time.perf_counter() - start)
        while time.perf_counter() < until:
            pass
        return reduced

    return reduce_slowly


for _kind in (Mean, LogMeanExp, Delta, Jackknife):
    _kind.__call__ = _slower(_kind.__call__)
"""
BENCHMARK = r"Reduce.time_reduce\(.*mean, .*cpu"
FACTOR = 1.07  # halfway, in ratio, between no change and 15%
FEWEST_ROUNDS, ENOUGH_SECONDS = 8, 180.0
STEADY = 0.015  # standard error of a log ratio: then 7% is more than four of them away


def planted(history: History) -> tuple[str, str, str]:
    """Three commits: the tree, the same again, and the slower one."""
    before, unchanged = history.commit("as it is"), history.commit("nothing changed")
    reducers = history.folder / "repo" / "estimators" / "reducers" / "__init__.py"
    reducers.write_text(reducers.read_text() + PLANT)
    return before, unchanged, history.commit("every reducer 15% slower")


def measure_in_turn(history: History, commits: Sequence[str]) -> float:
    """Rounds until the two commits that are the same agree from round to round; the error they are known to.

    There and back again, so that a machine that slowly changes changes for all commits alike. When to stop
    depends on the noise between the first two only, and on none of the ratios that are tested.
    """
    medians: dict[str, list[float]] = {commit: [] for commit in commits}
    start, stderr = time.monotonic(), math.inf
    while stderr > STEADY and time.monotonic() - start < ENOUGH_SECONDS:
        turn = len(medians[commits[0]])
        for commit in commits if turn % 2 == 0 else commits[::-1]:
            medians[commit].append(float(np.median(history.measure(commit, BENCHMARK))))
        if turn + 1 >= FEWEST_ROUNDS:
            log_ratios = np.log(medians[commits[0]]) - np.log(medians[commits[1]])
            # Of their median, by the median absolute deviation: asv too compares medians, and a few rounds
            # that something else disturbed do not move these.
            spread = float(np.median(np.abs(log_ratios - np.median(log_ratios))))
            stderr = 1.2533 * 1.4826 * spread / math.sqrt(turn + 1)
    return stderr


@pytest.mark.slow
@pytest.mark.skipif(asv_command() is None, reason="asv is not installed")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this tree is no git repository")
def test_asv_flags_a_slowdown_of_15_percent_and_nothing_where_nothing_changed(tmp_path):
    """Fails by chance in under 1e-4 of runs a pair where the ratios of a round scatter by 4% or less (one
    robust sd), by simulation with normal scatter. Where they scatter more it is skipped.
    """
    history = History.start(tmp_path)
    before, unchanged, slower = commits = planted(history)
    stderr = measure_in_turn(history, commits)
    if stderr > STEADY:
        pytest.skip(f"the machine is too busy: a ratio of times is known to {stderr:.1%}, not {STEADY:.1%}")
    assert len(history.slower(before, slower, FACTOR)) == 1
    assert len(history.slower(unchanged, slower, FACTOR)) == 1
    assert history.slower(before, unchanged, FACTOR) == []
    assert history.slower(unchanged, before, FACTOR) == []
