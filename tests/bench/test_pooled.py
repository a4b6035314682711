"""Moments and k-hat of pooled draws: at any level, however they are cut, and by halves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from evidence_bench.benchmarks.measuring.centred_sums import relative_moments
from evidence_bench.benchmarks.measuring.draws import Chunk
from evidence_bench.benchmarks.measuring.pooled import PooledWeights
from evidence_bench.estimators.diagnostics.pareto import pareto_k
from tests.statistics.laws import TWO_POINT


def normal_weights(points, replicates, k, seed=0):
    return 0.7 * torch.randn(
        points, replicates, k, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


def pooled(log_w, cuts=()):
    """All that PooledWeights says of log_w [b, R, K], given in chunks that end at ``cuts`` and at R."""
    replicates = log_w.shape[1]
    gathered = PooledWeights(len(log_w), replicates)
    for start, end in zip((0, *cuts), (*cuts, replicates), strict=True):
        gathered.add(Chunk(0, start, log_w[:, start:end], 0))
    return gathered


def by_hand(log_w):
    """c2 and c3 [b] of log_w [b, n]."""
    w = (log_w - log_w.amax(-1, keepdim=True)).exp().numpy()
    centred = w / w.mean(-1, keepdims=True) - 1
    return (centred**2).mean(-1), (centred**3).mean(-1)


@pytest.mark.parametrize("level", [-1e4, -400.0, 0.0, 400.0, 1e4])
def test_moments_do_not_depend_on_the_level_of_the_draws(level):
    """Weights of the prior may all lie hundreds of nats from log p(x)."""
    log_w = normal_weights(3, 5, 300)
    c2, _, c3, _ = pooled(log_w + level).moments
    expected = by_hand(log_w.flatten(1))
    np.testing.assert_allclose(c2, expected[0], rtol=1e-9)
    np.testing.assert_allclose(c3, expected[1], rtol=1e-9)


@pytest.mark.parametrize("step", [40.0, 60.0, 800.0, 1e4])
@pytest.mark.parametrize("cuts", [(2,), (3,), (1, 2, 3, 4)])
def test_later_draws_may_lie_at_another_level(step, cuts):
    """The first to be met say nothing of the largest; -inf is a level too."""
    log_w = normal_weights(2, 5, 300)
    log_w[0, 2:] += step
    log_w[1, :2] = -torch.inf
    c2, _, c3, _ = pooled(log_w, cuts).moments
    expected = by_hand(log_w.flatten(1))
    np.testing.assert_allclose(c2, expected[0], rtol=1e-9)
    np.testing.assert_allclose(c3, expected[1], rtol=1e-9)


@pytest.mark.parametrize("cuts", [(3,), (4,), (1, 5), (2, 6)])
def test_figures_do_not_depend_on_how_draws_are_cut(cuts):
    log_w = normal_weights(3, 7, 300)
    whole, parts = pooled(log_w), pooled(log_w, cuts)
    for name in ("moments", "khat", "c2_halves", "khat_halves"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(whole.khat, pareto_k(log_w.flatten(1)))


def test_each_half_is_pooled_by_itself():
    """Three of seven replicates are the first half."""
    log_w = normal_weights(3, 7, 300)
    got = pooled(log_w)
    for i, half in enumerate((log_w[:, :3], log_w[:, 3:])):
        np.testing.assert_allclose(got.c2_halves[i], by_hand(half.flatten(1))[0], rtol=1e-9)
        np.testing.assert_allclose(got.khat_halves[i], pareto_k(half.flatten(1)))


def test_few_draws_have_no_khat_and_one_replicate_no_halves():
    """1000 draws a point, 500 a half."""
    assert np.isfinite(pooled(normal_weights(1, 2, 500)).khat_halves).all()
    few = pooled(normal_weights(1, 2, 499))
    assert np.isnan([few.khat, *few.khat_halves]).all()
    assert np.isfinite(few.c2_halves).all()
    one = pooled(normal_weights(2, 1, 1000))
    assert np.isfinite(one.khat).all()
    assert np.isnan([one.c2_halves, one.khat_halves]).all()
    assert np.isnan(pooled(torch.full((1, 2, 600), -torch.inf, dtype=torch.float64)).moments).all()


def test_equal_draws_have_no_errors_of_their_moments():
    """A rare other weight may not have been met."""
    c2, c2_stderr, c3, c3_stderr = pooled(torch.full((1, 4, 300), -0.7, dtype=torch.float64)).moments
    assert np.abs([c2, c3]).max() < 1e-28
    assert np.isnan([c2_stderr, c3_stderr]).all()


@pytest.mark.parametrize("law", TWO_POINT, ids=repr)
def test_errors_of_the_moments_are_those_of_their_exact_law(law):
    """c2 and c3 of n draws of a two-point law are functions of the number of highs: no sampling at all.

    The errors hold to a relative 1/n; a term left out of them is off by 5% or more.
    """
    n = 200_000
    highs = np.arange(1, n)  # draws that are all equal have no probability here, and no errors
    probability = stats.binom.pmf(highs, n, law.share)
    w = law.values[:, None] * np.ones(n - 1)
    share = np.stack([1 - highs / n, highs / n])
    raw = np.stack([(share * (w - 1) ** j).sum(0) for j in range(1, 7)])
    found = relative_moments(raw, n)
    for value, stderr in ((found[0], found[1]), (found[2], found[3])):
        sd = np.sqrt(probability @ (value - probability @ value) ** 2)
        assert probability @ stderr == pytest.approx(sd, rel=2e-3)


def test_a_half_of_too_few_draws_has_no_khat():
    """Of three replicates the first half is one: 333 draws of a thousand, and the other 666."""
    gathered = pooled(normal_weights(2, 3, 334))
    assert np.isnan(gathered.khat_halves[0]).all()
    assert np.isfinite(gathered.khat_halves[1]).all()
    assert np.isfinite(gathered.khat).all()
