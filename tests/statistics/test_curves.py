"""Error along a curve: at the cells, between them, and beyond, held against exact laws."""

import numpy as np
import pytest
from scipy.special import digamma, polygamma

from evidence_bench.benchmarks.statistics.curve_point import How
from evidence_bench.benchmarks.statistics.curves import Curve
from evidence_bench.benchmarks.statistics.losses import point_loss
from evidence_bench.benchmarks.statistics.ranking import rmse_interval
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr

KS = tuple(2.0**i for i in range(6))
EXACT = ReferenceStderr.of(0.0, 16)


def iwae_rmse(a, k):
    """Of IWAE with K weights of Gamma(a, 1): its mean of K weights is Gamma(aK, 1/K)."""
    bias = digamma(a * k) - np.log(k) - np.log(a)
    return float(np.sqrt(bias**2 + polygamma(1, a * k)))


def curve(a, generator, *, ks=KS, replicates=100, order=1):
    shape = (replicates, 16)
    errors = [np.log(generator.gamma(a * k, size=shape)) - np.log(k) - np.log(a) for k in ks]
    return Curve(ks, tuple(point_loss(e, EXACT) for e in errors), order)


def generator(seed):
    return np.random.Generator(np.random.Philox(seed))


@pytest.mark.parametrize("a", [0.1, 1.0])
@pytest.mark.parametrize("k", [8.0, 11.0])
def test_the_interval_covers_at_and_between_the_cells(a, k):
    """200 repetitions: .95 covered falls below .90 in 1e-3 of seeds; .80 would be seen in 99.98%."""
    source, hits = generator(53), 0
    for _ in range(200):
        at = curve(a, source).at(k)
        interval = rmse_interval(at)
        hits += interval.low <= iwae_rmse(a, k) <= interval.high
    assert at.how is (How.MEASURED if k == 8 else How.BETWEEN)
    assert hits / 200 >= 0.90


@pytest.mark.parametrize(("a", "far"), [(0.1, 4.0), (0.3, 32.0), (1.0, 64.0), (5.0, 64.0)])
def test_the_interval_beyond_the_grid_covers_and_grows(a, far):
    """60 repetitions; measured once over 300: .99 to 1. At a = .1 (c2 = 10) K = 32 is not asymptotic."""
    source, hits, widths = generator(54), 0, []
    for _ in range(60):
        one = curve(a, source)
        interval, nearer = rmse_interval(one.at(32 * far)), rmse_interval(one.at(32 * far**0.5))
        hits += interval.low <= iwae_rmse(a, 32 * far) <= interval.high
        widths.append((interval.high / interval.low, nearer.high / nearer.low))
        assert one.at(32 * far).how is How.BEYOND
    assert hits / 60 >= 0.94
    assert np.median(widths, axis=0)[0] > np.median(widths, axis=0)[1]


def test_a_curve_ends_where_nothing_supports_going_on():
    source = generator(55)
    one = curve(1.0, source)
    assert one.at(65 * 32).how is How.ENDED  # too far
    assert one.at(65 * 32).k == pytest.approx(64 * 32)
    assert curve(1.0, source, ks=(32.0,)).at(33.0).how is How.ENDED  # one K has no slope
    far_from_asymptotic = curve(0.02, source).at(32 * 30)  # the law and the last slope part
    assert far_from_asymptotic.how is How.ENDED
    assert 32 < far_from_asymptotic.k < 32 * 30
    assert one.at(0.5).how is How.BELOW


def test_a_bias_that_stays_is_a_floor():
    """An ELBO-like estimator: bias -.5 at every K, spread 1/K."""
    source = generator(56)
    errors = [source.standard_normal((200, 16)) / np.sqrt(k) - 0.5 for k in KS]
    one = Curve(KS, tuple(point_loss(e, EXACT) for e in errors), None)
    assert rmse_interval(one.at(32 * 60)).value == pytest.approx(0.5, abs=0.03)
    assert 0.4 < np.exp(one.at(32 * 1000).floor / 2) < 0.5
    assert curve(1.0, source).at(32 * 1000).floor == -np.inf
