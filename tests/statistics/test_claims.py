"""Claims against measurements: right ones are not contradicted, and wrong ones are seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import logsumexp

from evidence_bench.benchmarks.statistics.arrays import Interval, Quantity
from evidence_bench.benchmarks.statistics.claims import (
    CHANCE,
    Check,
    bound_claim,
    cost_claim,
    iid_claim,
    order_claim,
)
from evidence_bench.benchmarks.statistics.columns import bias

RNG = np.random.default_rng(20251125)
SPIKE = -math.log1p(
    -0.002
)  # w is a little above its mean of one but for one draw in 500, where it is nothing
LAWS = {
    "nearly constant": lambda s: RNG.normal(-0.005, 0.1, s),
    "lognormal": lambda s: RNG.normal(-0.5, 1, s),
    "heavy": lambda s: RNG.normal(-4.5, 3, s),
    "gamma": lambda s: np.log(RNG.gamma(0.3, 1, s) / 0.3 + 1e-300),
    "two values": lambda s: np.where(RNG.uniform(size=s) < 0.25, math.log(8 / 2.75), math.log(1 / 2.75)),
    "rarely nothing": lambda s: np.where(RNG.uniform(size=s) < 0.002, -30, SPIKE),
    "nearly never nothing": lambda s: (
        np.where(RNG.uniform(size=s) < 0.002, -30, SPIKE) + RNG.normal(0, 1e-4, s)
    ),
}
every_law = pytest.mark.parametrize("law", LAWS)


def iwae(log_w):
    return logsumexp(log_w, axis=-1) - math.log(log_w.shape[-1])


@every_law
@pytest.mark.parametrize(("replicates", "points", "k"), [(20, 1, 1), (5, 16, 4), (60, 8, 8)])
def test_a_right_bound_is_not_contradicted(law, replicates, points, k):
    """No false word in 200 samples; the rate that is promised is 3e-7 a cell."""
    for _ in range(200):
        log_w = LAWS[law]((replicates, points, k))
        claim = bound_claim(bias(iwae(log_w)), "lower bound", log_w.size)
        assert claim.check is not Check.CONTRADICTS


@pytest.mark.parametrize(
    ("declared", "value", "check"),
    [
        ("lower bound", 0.0138, Check.CONTRADICTS),
        ("lower bound", 0.0080, Check.UNDECIDED),
        ("lower bound", -0.0138, Check.HOLDS),
        ("lower bound", -0.0010, Check.UNDECIDED),
        ("upper bound", -0.0138, Check.CONTRADICTS),
        ("upper bound", 0.0138, Check.HOLDS),
        ("unbiased", 0.0138, Check.CONTRADICTS),
        ("unbiased", -0.0138, Check.CONTRADICTS),
        ("unbiased", 0.0010, Check.HOLDS),
        ("no bound", 0.0138, Check.NONE),
        ("lower bound", math.nan, Check.NONE),
        ("lower bound", math.inf, Check.NONE),
    ],
)
def test_the_side_of_a_bound(declared, value, check):
    claim = bound_claim(Quantity(value, 0.0017), declared, 10**6)
    assert claim.check is check
    if check is not Check.NONE:
        assert claim.measured.value == (-value if declared == "upper bound" else value)
        assert claim.measured.stderr == 0.0017


def test_few_degrees_of_freedom_need_more_errors():
    """The chance is that of 5 normal errors: 7.2 of them with the 20 degrees of a t."""
    for degrees, enough, too_few in ((20, 7.3, 6.9), (1e9, 5.1, 4.9)):
        said = [
            bound_claim(Quantity(1e-4 + errors * 0.01, 0.01, degrees=degrees), "lower bound", 10**9).check
            for errors in (enough, too_few)
        ]
        assert said == [Check.CONTRADICTS, Check.UNDECIDED]


def test_large_weights_that_were_missed_excuse_an_upper_bound_only():
    low, high = Quantity(-0.1, 0.001), Quantity(0.1, 0.001)
    assert bound_claim(low, "upper bound", 10**6, heavy=True).check is Check.UNDECIDED
    assert bound_claim(low, "unbiased", 10**6, heavy=True).check is Check.UNDECIDED
    assert bound_claim(high, "lower bound", 10**6, heavy=True).check is Check.CONTRADICTS


def test_one_replicate_and_no_error_at_all():
    assert bound_claim(bias(np.full((1, 4), 0.5)), "lower bound", 10**6).check is Check.UNDECIDED
    assert bound_claim(bias(np.full((5, 4), 0.5)), "lower bound", 10**6).check is Check.UNDECIDED
    assert bound_claim(Quantity(0.5, 0.0), "lower bound", 10**6).check is Check.CONTRADICTS
    assert bound_claim(bias(np.full((5, 4), 1e-12)), "lower bound", 10**6).check is Check.HOLDS


def bounded(log_w):
    """Mean and variance [R, B] of w / (w + u), as a study keeps them; its first replicate chose u."""
    unit = np.median(log_w[0], axis=-1)
    v = 1 / (1 + np.exp(-(log_w[1:] - unit[:, None])))
    return v.mean(-1), v.var(-1, ddof=1), v.shape[-1]


@every_law
@pytest.mark.parametrize(("replicates", "points", "n"), [(26, 4, 2), (26, 4, 64), (200, 2, 16)])
def test_independent_weights_are_not_contradicted(law, replicates, points, n):
    """No false word in 150 samples, and 1 to 9% outside of the 95% interval where it is not far too wide."""
    claims = [iid_claim(*bounded(LAWS[law]((replicates, points, n)))) for _ in range(150)]
    assert Check.CONTRADICTS not in {claim.check for claim in claims}
    beyond = np.mean([abs(c.measured.value - 1) > 1.96 * c.measured.stderr for c in claims])
    assert beyond <= 0.11  # 3 standard errors of a share of 5% above it


def each_twice(w):
    return np.repeat(w[..., : w.shape[-1] // 2], 2, axis=-1)


def one_for_all(w):
    return np.broadcast_to(w[..., :1], w.shape) + 1e-3 * w


def antithetic(w):
    """The later half has, replicate by replicate, the ranks of the first turned round."""
    half = w[..., : w.shape[-1] // 2]
    ranks = half.argsort(0).argsort(0)
    return np.concatenate([half, np.take_along_axis(np.sort(half, 0)[::-1], ranks, 0)], axis=-1)


@pytest.mark.parametrize("law", [name for name in LAWS if "nothing" not in name])
@pytest.mark.parametrize("spoil", [each_twice, one_for_all, antithetic])
def test_dependent_weights_are_seen(law, spoil):
    """At 100 x 4 means, where a factor of two is 14 standard errors of a ratio of one."""
    claim = iid_claim(*bounded(spoil(LAWS[law]((101, 4, 16)))))
    assert claim.check is Check.CONTRADICTS
    if law != "two values":  # whose ties have no ranks to turn round
        assert (claim.measured.value < 1) == (spoil is antithetic)


def test_what_cannot_be_told_of_independence():
    constant = np.zeros((50, 4, 8))
    assert iid_claim(*bounded(constant)).check is Check.NONE
    assert iid_claim(np.zeros((50, 4)), np.full((50, 4), np.nan), 1).check is Check.NONE
    assert iid_claim(*bounded(LAWS["lognormal"]((5, 4, 8)))).check is Check.UNDECIDED


def test_cost():
    assert cost_claim(64.0, 64) is cost_claim(57.3, 64) is Check.HOLDS
    assert cost_claim(65.0, 64) is Check.CONTRADICTS
    assert cost_claim(math.nan, 64) is Check.NONE


@pytest.mark.parametrize(
    ("slope", "half", "declared", "check"),
    [
        (-1.0, 0.05, 3, Check.CONTRADICTS),
        (-1.0, 0.05, 2, Check.CONTRADICTS),
        (-1.0, 0.20, 2, Check.UNDECIDED),
        (-1.0, 0.05, 1, Check.HOLDS),
        (-0.6, 0.05, 1, Check.HOLDS),
        (-2.1, 0.50, 2, Check.HOLDS),
        (-2.1, 0.50, 1, Check.HOLDS),
        (-1.2, 0.50, 2, Check.UNDECIDED),
        (-1.0, 0.05, None, Check.NONE),
        (math.nan, math.nan, 2, Check.NOT_MEASURED),
    ],
)
def test_order(slope, half, declared, check):
    interval = Interval(slope, slope - half, slope + half, "95%")
    assert order_claim(interval, declared, 3) is check
    if declared:
        assert order_claim(interval, declared, 2) is Check.NOT_MEASURED


def test_the_chance_of_a_false_word():
    assert pytest.approx(5.7e-7, rel=0.01) == CHANCE
