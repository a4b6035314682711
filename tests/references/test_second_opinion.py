"""Two estimates of one log p(x): averaged, believed or doubted."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from evidence_bench.benchmarks.references import cache, reference_of
from evidence_bench.benchmarks.references.estimates import Estimates
from evidence_bench.benchmarks.references.prior_draws import PriorDraws
from evidence_bench.benchmarks.references.second_opinion import combined, corrected, disagree, larger
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.randomness import keyed_generator
from tests.references.shapes import SHAPES, Shaped, normal
from tests.references.test_long_run import Hidden

LIGHT_TAIL = np.array([0.1])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))


def known(*pairs, degrees=7.0):
    value, stderr = np.array(pairs).T
    return Estimates(value, stderr, np.full(len(pairs), degrees), 10.0)


def test_two_that_agree_are_averaged_with_the_error_of_their_mean():
    both, apart = combined(known((0.0, 0.03)), known((0.05, 0.04)))
    assert both.value == pytest.approx(np.log((1 + np.exp(0.05)) / 2))
    share = 1 / (1 + np.exp(0.05))  # of the smaller estimate in the sum
    assert both.stderr == pytest.approx(np.hypot(0.03 * share, 0.04 * (1 - share)))
    assert (apart, both.evaluations, both.doubtful.tolist()) == (0, 20, [False])
    far_off, _ = combined(known((3.9, 1.0)), known((0.0, 1e-6)))  # nearly all of the sum is the noisy one
    assert far_off.stderr[0] == pytest.approx(0.98, abs=0.01)


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_that_disagree_the_larger_is_taken_with_an_interval_that_covers_both(swapped):
    pair = (known((0.0, 0.01)), known((0.5, 0.01)))
    both, apart = combined(*(pair[::-1] if swapped else pair))
    assert (both.value.tolist(), apart, both.doubtful.tolist()) == ([0.5], 1, [True])
    low = both.value - stats.t.isf(0.025, both.degrees) * both.stderr
    assert low == pytest.approx([0.0])
    assert larger(known((0.0, 0.01)), known((0.001, 0.4))).stderr == pytest.approx([0.4])


def test_beside_chains_that_met_nothing_the_other_stands_in_doubt():
    """Their mean would be log 2 low, with an error that is NaN."""
    nothing = (-np.inf, np.nan)
    both, apart = combined(known((0.0, 0.1), nothing), known(nothing, nothing))
    assert (both.value[0], both.stderr[0], both.doubtful[0], apart) == (0.0, 0.1, True, 1)
    assert np.isneginf(both.value[1])


def test_the_limit_is_that_of_students_t():
    """4 normal errors have a chance of 6e-5; with 7 degrees that takes 8.0 errors and not 4."""
    at = [(0.06, 0.0), (0.10, 0.0)]
    assert disagree(known(*at), known((0.0, 0.01), (0.0, 0.01))).tolist() == [False, True]
    many = known((0.0, 0.01), (0.0, 0.01), degrees=np.inf)
    assert disagree(known(*at), many).tolist() == [True, True]


def test_an_estimate_that_one_weight_decides_contradicts_nobody():
    """Its error is as large as itself, so even 40 nats above it may be chance."""
    assert not disagree(known((-50.0, 0.01)), known((-10.0, 1.0), degrees=np.inf)).any()


def test_an_opinion_below_counts_only_where_its_variance_is_finite():
    main, below = known((0.0, 0.001)), known((-0.5, 0.01))
    assert corrected(main, below, np.array([0.6]))[0].value == [0.0]
    assert not corrected(main, below, np.array([np.nan]))[0].doubtful.any()
    five_errors_below = known((-0.05, 0.01), degrees=np.inf)
    assert not corrected(main, five_errors_below, LIGHT_TAIL)[0].doubtful.any()
    doubted, apart = corrected(main, below, np.array([0.2]))
    assert (doubted.value.tolist(), apart, doubted.doubtful.tolist()) == ([0.0], 1, [True])
    assert doubted.stderr > 0.2
    above, apart = corrected(main, known((0.5, 0.01)), np.array([0.9]))
    assert (above.value.tolist(), apart) == ([0.5], 1)


def test_an_opinion_that_agrees_changes_nothing_but_the_cost():
    main = known((0.0, 0.01))
    same, apart = corrected(main, known((0.01, 0.2)), LIGHT_TAIL)
    assert (same.value.tolist(), same.stderr.tolist(), apart, same.evaluations) == ([0.0], [0.01], 0, 20.0)


def test_draws_from_the_prior_are_right_where_they_say_anything():
    """64 points in two dimensions, by chance beyond 4.5 errors in 1e-4 of seeds; a log of the number of draws
    would be 10 nats."""
    model = LinearGaussian(latents=2, observed=3, weight_sd=0.5)
    x = model.simulate(64, keyed_generator(("prior draws",))).x
    estimates, khat = PriorDraws().estimate(Hidden(model), x)
    off = np.abs(estimates.value - model.log_evidence(x).numpy())
    assert (off < 4.5 * estimates.stderr)[~np.isnan(khat)].all()
    assert (~np.isnan(khat)).sum() > 50
    assert estimates.evaluations > 10000
    alone, _ = PriorDraws().estimate(Hidden(model), x[5:6])
    assert alone.value[0] == pytest.approx(estimates.value[5], abs=1e-9)


def test_in_many_dimensions_no_opinion_is_given_and_little_spent():
    model = Shaped(lambda z: normal(z, 0.5, 0.1), 40)
    estimates, khat = PriorDraws().estimate(model, model.data(3))
    assert np.isnan(khat).all()
    assert estimates.evaluations == 1024


def test_the_prior_shows_what_a_narrow_proposal_misses():
    """A mode with .9 of the mass lies 60 standard deviations of the proposal away in two dimensions."""

    def density(z):
        narrow, far = normal(z, 0.0, 0.05), normal(z, 3.0, 0.9)
        return torch.logaddexp(np.log(0.1) + narrow, np.log(0.9) + far)

    model = Shaped(density, 2, sd=0.05)
    x = model.data(8)
    reference = reference_of(model, x, "annealed")
    assert reference.doubtful.all()
    assert "contradict it at 8" in reference.how
    off = np.abs(reference.log_evidence - model.truth(x).numpy())
    assert (off < 4.5 * reference.stderr).all()


def test_a_model_without_a_prior_gets_no_second_opinion():
    class Alone(Hidden):
        def __init__(self, model):
            super().__init__(model)
            del self.prior

    shape = SHAPES["gaussian, 6"]
    reference = reference_of(Alone(shape), shape.data(1))
    assert "no second opinion" in reference.how
    assert np.isfinite(reference.log_evidence).all()


@pytest.mark.parametrize("prior", [None, torch.distributions.Normal(0.0, 1.0), lambda: None])
def test_a_prior_of_another_kind_costs_the_second_opinion_and_not_the_reference(prior):
    """A plug-in's module may call anything its prior; nothing but the sampler of that name asks for it."""
    shape = SHAPES["gaussian, 6"]
    model = Hidden(shape)
    model.prior = prior
    reference = reference_of(model, shape.data(1))
    assert "no second opinion, for draws from the prior ended in: TypeError" in reference.how
    assert abs(reference.log_evidence[0] + 1) < 0.1


def test_wide_data_points_are_drawn_for_one_at_a_time():
    """16,384 evaluations of 784 values hold 400 MiB or so, where 256 are meant for some points together."""
    shape, at_once = SHAPES["two modes, 2"], []

    class Watched(Hidden):
        def log_joint(self, x, z):
            at_once.append(len(x))
            return shape.log_joint(x, z)

    model = Watched(shape)
    del model.log_joint  # of the instance: the class has its own
    x = torch.zeros(3, 784, dtype=torch.float64)
    x[:, 0] = torch.arange(3.0)
    _, khat = PriorDraws().estimate(model, x)
    assert not np.isnan(khat).any()
    assert max(at_once) == 1
