"""Bernoulli latents: exact sums over their states, an unbiased gradient, what refuses them, a training."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch.nn.functional import binary_cross_entropy_with_logits

from evidence_bench.estimators.reducers import Jackknife, LogMeanExp, Mean
from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.estimators.samplers.student_t import StudentT
from evidence_bench.models.base import Curved
from evidence_bench.models.errors import BadOption, NotApplicable, NotBijective
from evidence_bench.models.networks.latents import BernoulliPrior
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training import objectives
from evidence_bench.models.training.objectives import Objective, learning_signal
from evidence_bench.models.vaes import architecture
from tests.models.instances import BITS, GREY, GREY_BITS, SMALL, BitsVAE, SmallVAE, model_and_points
from tests.statistical import assert_mean

GROUPS, ROWS = 100, 1500  # a gradient is the mean over ROWS repeats of one x; GROUPS of them are compared
THREE = {"pixels": 4, "hidden": [[3]], "latents": [3], "latent": "bernoulli"}
OBJECTIVES = {
    "elbo, K = 2": Objective(Mean(), 2),
    "iwae, K = 2": Objective(LogMeanExp(), 2),
    "iwae, K = 3": Objective(LogMeanExp(), 3),
    "jvi, K = 3": Objective(Jackknife(1), 3),
    "iwae and a further KL, K = 2": Objective(LogMeanExp(), 2, further_kl=1.0),
    "iwae from the prior, K = 2": Objective(LogMeanExp(), 2, from_prior=True),
}
every_objective = pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())


def trainable(kind=THREE, dtype=torch.float64):
    """A small VAE whose encoder is far from its posterior, and one x of its own."""
    model = SmallVAE(kind).original().to(dtype)
    x = model.simulate(1, keyed_generator(("one x",))).x
    return model.requires_grad_(), x.detach()


def states(latents):
    return torch.tensor(list(product((0.0, 1.0), repeat=latents)), dtype=torch.float64)[None]


def exact(objective, model, x, scored=True):
    """E of the objective at x [1, D] over all K-tuples of states; not ``scored``: their chances held."""
    table = states(model.latents)
    proposal = model.prior(x) if objective.from_prior else model.proposal(x)
    log_q = proposal.log_prob(table)[0]
    log_w, kl = model.log_joint(x, table)[0] - log_q, log_q - model.log_prior(table)[0]
    tuples = torch.tensor(list(product(range(table.shape[1]), repeat=objective.k)))
    chance = log_q[tuples].sum(-1).exp()
    value = objective.reduce(log_w[tuples]) - objective.further_kl * kl[tuples].mean(-1)
    return ((chance if scored else chance.detach()) * value).sum()


def gradient(value, model, part):
    weights = list(getattr(model, part).parameters())
    found = torch.autograd.grad(value, weights, retain_graph=True, allow_unused=True, materialize_grads=True)
    return torch.cat([g.ravel() for g in found])


def sampled(objective, model, x, part):
    """[GROUPS, P] in float64, each the mean over ROWS draws of the surrogate's gradient."""
    generator = keyed_generator(("surrogate", objective.k))
    repeated = x.expand(ROWS, -1)
    return torch.stack(
        [gradient(objective(model, repeated, generator).mean(), model, part) for _ in range(GROUPS)]
    )


def directions(expected):
    """The exact gradient's direction and a random one."""
    other = torch.randn(len(expected), generator=keyed_generator(("direction",)), dtype=torch.float64)
    return expected / expected.norm(), other / other.norm()


@every_objective
@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_gradient_is_that_of_the_sum_over_all_tuples(objective, part):
    """Along two directions: errors of a tenth of the gradient's length are seen with probability 0.99."""
    model, x = trainable()
    expected = gradient(exact(objective, model, x), model, part)
    if objective.from_prior and part == "encoder":
        assert not expected.any()
        assert not sampled(objective, model, x, part).any()
        return
    found = sampled(objective, model, x, part)
    for along in directions(expected):
        value = float(expected @ along)
        assert_mean((found @ along).numpy(), value, sees=0.1 * float(expected.norm()))


@every_objective
def test_without_the_score_term_the_same_assertion_would_fail(objective):
    """What it leaves out is above the error that is seen, along the gradient's own direction."""
    model, x = trainable()
    expected = gradient(exact(objective, model, x), model, "encoder")
    if objective.from_prior:
        return
    without = gradient(exact(objective, model, x, scored=False), model, "encoder")
    assert abs((without - expected) @ directions(expected)[0]) > 0.2 * expected.norm()


@every_objective
def test_the_value_is_that_of_the_same_draws_without_a_gradient(objective):
    model, x = trainable()
    with torch.no_grad():
        value = objective(model, x.expand(5, -1), keyed_generator(("value",)))
    followed = objective(model, x.expand(5, -1), keyed_generator(("value",)))
    torch.testing.assert_close(followed.detach(), value, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("reduce", [Mean(), LogMeanExp(), Jackknife(2)], ids=repr)
def test_learning_signal_is_vimcos_written_out(reduce):
    v = 3 * torch.randn(4, 6, generator=keyed_generator(("signal",)), dtype=torch.float64)
    signal = learning_signal(reduce, v)
    for b, k in product(range(4), range(6)):
        others = torch.cat([v[b, :k], v[b, k + 1 :]])
        control = reduce(torch.cat([others, others.mean()[None]]))
        torch.testing.assert_close(signal[b, k], reduce(v[b]) - control, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("reduce", [Mean(), LogMeanExp(), Jackknife(2)], ids=repr)
def test_the_control_of_a_draw_does_not_depend_on_it(reduce):
    v = torch.randn(1, 5, generator=keyed_generator(("control",)), dtype=torch.float64)
    changed = v.clone()
    changed[0, 2] += 7
    controls = [(reduce(one)[:, None] - learning_signal(reduce, one))[0] for one in (v, changed)]
    torch.testing.assert_close(controls[0][2], controls[1][2], rtol=1e-12, atol=1e-12)
    assert (controls[0] - controls[1]).abs()[[0, 1, 3, 4]].min() > 1e-3


def test_a_weight_of_zero_leaves_the_signal_a_number():
    v = torch.tensor([[0.0, -torch.inf, 1.0]]).double()
    assert not learning_signal(LogMeanExp(), v).isnan().any()


def test_one_draw_is_refused_where_it_would_train_an_encoder_and_only_there():
    model, x = trainable()
    objective = Objective(Mean(), 1)
    with pytest.raises(NotApplicable, match="at least 2 draws"):
        objective(model, x, keyed_generator(("one",)))
    with torch.no_grad():
        assert objective(model, x, keyed_generator(("one",))).isfinite().all()
    assert Objective(Mean(), 1, from_prior=True)(model, x, keyed_generator(("one",))).isfinite().all()


def test_gaussian_latents_have_no_such_term(monkeypatch):
    def refuse(*_):
        raise AssertionError("Gaussian draws carry their own gradient")

    monkeypatch.setattr(objectives, "learning_signal", refuse)
    model, x = trainable(GREY)
    for k in (1, 3):
        torch.autograd.backward(Objective(LogMeanExp(), k)(model, x, keyed_generator(("k",))).sum())


def test_evidence_is_a_sum_over_states_written_out():
    model, x = model_and_points("latent bits", 3)
    decoder = model.network(torch.float64).decoder
    parts = []
    for state in product((0.0, 1.0), repeat=4):
        logits = decoder(torch.tensor(state).double()).expand(3, -1)
        pixels = -binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
        parts.append(pixels.numpy() - 4 * np.log(2))
    np.testing.assert_allclose(model.log_evidence(x), logsumexp(parts, axis=0), rtol=1e-12)


def test_prior_draws_fair_bits():
    """A chance of 0.47 or 0.53 would be seen with probability 0.99."""
    model, x = model_and_points("latent bits", 2)
    prior = model.prior(x)
    z, log_p = prior.draw(prior.noise(10_000, keyed_generator(("fair",))))
    assert set(z.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(log_p, torch.full_like(log_p, -4 * np.log(2)))
    assert_mean(z.numpy(), 0.5, sees=0.03)


@pytest.mark.parametrize("sampler", [StudentT(), Adaptive()], ids=repr)
@pytest.mark.parametrize("name", [name for name, model in SMALL.items() if isinstance(model, BitsVAE)])
def test_samplers_in_noise_space_refuse_bits(name, sampler):
    model, x = model_and_points(name, 2)
    assert not isinstance(model, Curved)
    assert not isinstance(model.network(), Curved)
    with pytest.raises(NotBijective, match="use 'iwae'"):
        sampler(model, x, 400, keyed_generator(("refused",)))


def test_a_prior_of_two_layers_of_bits_is_refused():
    with pytest.raises(BadOption, match="one layer, not 2"):
        BernoulliPrior((3, 2), torch.nn.ModuleList())


@pytest.mark.parametrize("kind", [BITS, GREY_BITS], ids=["bits", "grey"])
def test_a_short_training_improves_bound_and_evidence(kind):
    """Data of two kinds of image, each pixel wrong once in ten: bits learn to tell them apart."""
    generator = keyed_generator(("two kinds",))
    pixels = kind["pixels"]
    one = torch.arange(pixels) % 2
    x = (one ^ (torch.rand(400, 1, generator=generator) < 0.5).long()).float()
    x = (x - (torch.rand(400, pixels, generator=generator) < 0.1).float()).abs()
    model = architecture.build(kind)
    initialise(model, generator)
    table = states(model.latents).float()

    def measured():
        with torch.no_grad():
            value = Objective(LogMeanExp(), 5)(model, x.repeat(20, 1), keyed_generator(("bound",))).mean()
            return float(value), float(model.log_joint(x, table).logsumexp(-1).mean())

    bound, evidence = measured()
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(400):
        loss = -Objective(LogMeanExp(), 5)(model, x, generator).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    after, truth = measured()
    assert after > bound + 0.5
    assert truth > evidence + 0.5
    assert truth - 0.3 < after < truth + 0.02  # 0.02: five standard errors of the bound's 8,000 values
