"""Verdicts at equal cost: right where the truth is known, undecided where the data cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.curve_point import How
from evidence_bench.benchmarks.statistics.curves import Curve
from evidence_bench.benchmarks.statistics.losses import point_loss
from evidence_bench.benchmarks.statistics.ranking import Verdict, rank, rmse_ratio
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr

B = 8


def at(errors, known_to=0.0, k=64.0, order=1, ks=(64.0,)):
    known = ReferenceStderr.of(known_to, errors.shape[-1])
    return Curve(ks, (point_loss(errors, known),), order).at(k)


def generator(seed):
    return np.random.Generator(np.random.Philox(seed))


@pytest.mark.parametrize(("replicates", "shared"), [(20, 0.0), (20, 0.9), (200, 0.9)])
def test_the_interval_of_a_ratio_covers(replicates, shared):
    """1000 repetitions, draws independent or nearly the same: .95 leaves [.925, .975] in 3e-4 of seeds.

    Taking shared draws for independent would cover .9999 at a correlation of .9.
    """
    source, hits = generator(61), 0
    for _ in range(1000):
        first = source.standard_normal((replicates, B))
        second = shared * first + np.sqrt(1 - shared**2) * source.standard_normal((replicates, B))
        ratio = rmse_ratio(at(0.3 + first), at(0.3 + 1.2 * second))
        hits += ratio.low <= np.sqrt(1.09 / (0.09 + 1.44)) <= ratio.high
    assert 0.925 <= hits / 1000 <= 0.975


def test_an_error_of_the_reference_that_both_share_is_in_the_ratio():
    """1000 repetitions with references off by .3 and biases of .5 and .1: without it .66 would be covered."""
    source, hits = generator(62), 0
    for _ in range(1000):
        off = 0.3 * source.standard_normal(B)
        first, second = (b + source.standard_normal((200, B)) / 2 - off for b in (0.5, 0.1))
        ratio = rmse_ratio(at(first, 0.3), at(second, 0.3))
        hits += ratio.low <= np.sqrt((0.25 + 0.25) / (0.01 + 0.25)) <= ratio.high
    assert 0.925 <= hits / 1000 <= 0.985


def test_equals_are_seldom_told_apart():
    """Three equal estimators, 400 repetitions: one is called the best in at most 5%; three sigma is 8.3%."""
    source = generator(63)
    verdicts = [
        rank({name: at(source.standard_normal((50, B))) for name in "abc"}).verdict for _ in range(400)
    ]
    assert verdicts.count(Verdict.BEST) / 400 <= 0.083


def test_a_clear_difference_is_seen_and_a_small_one_is_not_worth_a_word():
    """sd 1 against 1.3 at R x B = 1600: seen in all but 1e-9 of seeds; paired within 1%: alike."""
    source = generator(64)
    first = source.standard_normal((200, B))
    ranking = rank({"a": at(1.3 * source.standard_normal((200, B))), "b": at(first)})
    assert (ranking.verdict, ranking.first) == (Verdict.BEST, "b")
    alike = rank({"a": at(first), "b": at(1.01 * first)})
    assert (alike.verdict, alike.first, alike.near) == (Verdict.ALIKE, "a", ("b",))


def test_what_keeps_a_verdict_open_is_said():
    source = generator(65)
    errors = source.standard_normal((100, B))
    coarse = rank({"a": at(errors, 0.8), "b": at(3 * errors, 0.8)})
    assert coarse.verdict is Verdict.UNDECIDED
    assert "reference is too coarse" in coarse.why
    ended = replace(at(2 * errors, k=640.0), wanted=640.0)
    assert ended.how is How.ENDED
    open_ = rank({"a": at(errors), "ended": ended})
    assert open_.verdict is Verdict.UNDECIDED
    assert open_.why == (
        "the error of ended is a bound, at a K that is bought for sure; this buys about K = 640: "
        "raise --samples to about 1,024"
    )
    assert rank({"a": at(errors, k=1.0)}).verdict is Verdict.NOTHING
    assert rank({}).verdict is Verdict.NOTHING


def test_the_first_is_named_too_where_it_ended():
    """Two that ended and a third that is worse: both names, and the larger of what the budget buys."""
    errors = generator(67).standard_normal((100, B))
    first, second = (replace(at(errors / by, k=640.0), wanted=by * 100.0) for by in (8, 4))
    ranking = rank({"first": first, "second": second, "worst": at(errors)})
    assert (ranking.verdict, ranking.first, ranking.near) == (Verdict.UNDECIDED, "first", ("second",))
    assert "the error of first and second is a bound" in ranking.why
    assert "about K = 800: raise --samples to about 1,024" in ranking.why
    unseen = replace(second, wanted=np.inf)
    assert rank({"first": first, "second": unseen}).why.endswith(
        "; raise --samples until time grows with K, first to about 512"
    )


def test_a_curve_that_ended_may_win_but_a_bias_that_stays_cannot():
    source = generator(66)
    errors = source.standard_normal((100, B))
    best = rank({"ended": at(errors / 4, k=640.0), "b": at(errors)})
    assert (best.verdict, best.first) == (Verdict.BEST, "ended")
    lost = rank({"a": at(errors / 4), "elbo": at(errors / 4 + 3, k=640.0, order=None)})
    assert (lost.verdict, lost.first) == (Verdict.BEST, "a")
