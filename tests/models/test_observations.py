"""Gaussian pixels: exact density in all its forms, simulation, curvature, cards, and a short training."""

from __future__ import annotations

import json

import pytest
import torch
from scipy import stats
from torch.distributions import Normal

from evidence_bench.models.errors import BadOption
from evidence_bench.models.networks import fused, fused_gaussian
from evidence_bench.models.networks.fused_gaussian import gaussian_log_likelihood, plain
from evidence_bench.models.networks.observations import START_SD, BernoulliObservation, GaussianObservation
from evidence_bench.models.networks.tanh import TanhNetwork, initialise
from evidence_bench.models.oracles import quadrature
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training.objectives import Objective
from evidence_bench.models.vaes import architecture
from tests.models.instances import GREY, SMALL, TWO_GREY, model_and_points
from tests.models.test_fused import network
from tests.statistical import assert_mean
from tests.training.tiny import iwae

SIZES = ([2, 3], [3, 5, 1], [4, 7, 6, 16], [3, 9, 784])
LOG_SD = torch.tensor(0.3).log()


@pytest.fixture
def projected(monkeypatch):
    """The form by a factor, wherever there are at least as many pixels as hidden units."""
    monkeypatch.setattr(fused_gaussian, "FACTOR_COST", 0)


def case(sizes, points, k, grid=False, dtype=torch.float64):
    generator = keyed_generator(("grey", *sizes, points, k))
    x = torch.rand(points, sizes[-1], generator=generator, dtype=torch.float64)
    z = torch.randn(1 if grid else points, k, sizes[0], generator=generator, dtype=torch.float64)
    return x.to(dtype), z.to(dtype)


def exact(decoder, log_sd, x, z):
    return Normal(decoder(z), log_sd.exp()).log_prob(x[:, None]).sum(-1)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("points", "k"), [(1, 1), (1, 700), (3, 40), (130, 1), (7, 0)])
@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.usefixtures("projected")
def test_is_the_normal_density(sizes, points, k, grid):
    decoder, log_sd = network(sizes).double(), LOG_SD.double()
    x, z = case(sizes, points, k, grid)
    value, expected = gaussian_log_likelihood(decoder, log_sd, x, z), exact(decoder, log_sd, x, z)
    assert value.shape == (points, k)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=1e-11)
    torch.testing.assert_close(plain(decoder, log_sd, x, z), expected, rtol=1e-12, atol=1e-11)


@pytest.mark.usefixtures("projected")
def test_a_last_layer_without_full_rank_is_no_exception():
    x, z = case([4, 7, 6, 16], 3, 20)
    for weight in (torch.zeros(16, 6), torch.ones(16, 6)):
        decoder = network([4, 7, 6, 16]).double()
        decoder.linear[-1].weight.data.copy_(weight)
        value = gaussian_log_likelihood(decoder, LOG_SD.double(), x, z)
        torch.testing.assert_close(value, exact(decoder, LOG_SD.double(), x, z), rtol=1e-12, atol=1e-11)


def test_float32_is_within_a_thousandth_of_a_nat_where_expanding_the_square_is_not():
    """784 pixels, sd 0.1, images of the model itself, at latents around their own."""
    decoder, log_sd = network([10, 200, 784], scale=1.0), torch.tensor(0.1).log()
    z = torch.randn(4, 1, 10, generator=keyed_generator(("centres",)))
    z = z + 0.02 * torch.randn(4, 1000, 10, generator=keyed_generator(("around",)))
    x = decoder(z[:, 0]) + 0.1 * torch.randn(4, 784, generator=keyed_generator(("pixels",)))
    assert fused_gaussian.worth_factoring(decoder, z)
    value = gaussian_log_likelihood(decoder, log_sd, x, z)
    double = network([10, 200, 784], scale=1.0).double()
    truth = exact(double, log_sd.double(), x.double(), z.double())
    near = truth > truth.amax(-1, keepdim=True) - 50
    assert near.sum() > 100
    assert (value.double() - truth).abs()[near].max() < 1e-3
    last, h = decoder.linear[-1], decoder.hidden(z)
    centred = x - last.bias
    cross = torch.einsum("bkh,bh->bk", h, centred @ last.weight)
    squares = (
        centred.square().sum(-1)[:, None] - 2 * cross + ((h @ (last.weight.T @ last.weight)) * h).sum(-1)
    )
    expanded = -50 * squares - 784 * (log_sd + fused_gaussian.LOG_2PI / 2)
    assert (expanded.double() - truth).abs()[near].max() > 1e-3


@pytest.mark.usefixtures("projected")
@pytest.mark.parametrize("rows", [1, 3, 64])
@pytest.mark.parametrize("grid", [False, True])
def test_does_not_depend_on_the_chunk(rows, grid, monkeypatch):
    decoder = network([4, 7, 6, 16]).double()
    x, z = case([4, 7, 6, 16], 5, 33, grid)
    whole = gaussian_log_likelihood(decoder, LOG_SD.double(), x, z)
    monkeypatch.setitem(fused.CHUNK_VALUES, "cpu", 16 * rows)
    cut = gaussian_log_likelihood(decoder, LOG_SD.double(), x, z)
    torch.testing.assert_close(cut, whole, rtol=1e-13, atol=1e-13)


def test_the_factor_is_for_many_rows_and_more_pixels_than_hidden_units():
    decoder = TanhNetwork([2, 200, 784])
    few, many = torch.zeros(20, 50, 2), torch.zeros(20, 500, 2)
    assert not fused_gaussian.worth_factoring(decoder, few)
    assert fused_gaussian.worth_factoring(decoder, many)
    assert not fused_gaussian.worth_factoring(TanhNetwork([2, 200, 100]), many)


@pytest.mark.usefixtures("projected")
def test_gradients_are_those_of_finite_differences():
    decoder = network([2, 4, 5]).double().requires_grad_()
    x, z = case([2, 4, 5], 2, 3)
    given = [x, z, LOG_SD.double(), *decoder.parameters()]
    given = [t.detach().requires_grad_() for t in given]
    names = [name for name, _ in decoder.named_parameters()]

    def value(x, z, log_sd, *weights):
        module = torch.nn.Module()
        module.decoder = decoder
        module.forward = lambda: gaussian_log_likelihood(decoder, log_sd, x, z)
        named = {f"decoder.{name}": w for name, w in zip(names, weights, strict=True)}
        return torch.func.functional_call(module, named, ())

    assert torch.autograd.gradcheck(value, given)


@pytest.mark.usefixtures("projected")
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # of torch itself, on first use
def test_transforms_of_torch_func_pass_through():
    decoder = network([4, 7, 6, 16]).double()
    x, z = case([4, 7, 6, 16], 2, 3)

    def value(z, log_sd):
        return gaussian_log_likelihood(decoder, log_sd, x, z)

    both = torch.func.vmap(value, (None, 0))(z, torch.stack([LOG_SD.double(), 0 * LOG_SD.double()]))
    torch.testing.assert_close(both[1], value(z, torch.zeros((), dtype=torch.float64)))
    slope = torch.func.jacrev(lambda z: value(z, LOG_SD.double()).sum())(z)
    forward = torch.func.jvp(lambda z: value(z, LOG_SD.double()).sum(), (z,), (torch.ones_like(z),))[1]
    torch.testing.assert_close(forward, slope.sum())
    residual = (x[:, None] - decoder(z)) / 0.3**2
    expected = torch.stack([torch.autograd.functional.jacobian(decoder, one) for one in z.flatten(0, 1)])
    expected = torch.einsum("nd,ndl->nl", residual.flatten(0, 1), expected).view_as(z)
    torch.testing.assert_close(slope, expected)


@pytest.mark.usefixtures("projected")
def test_inputs_are_left_alone():
    decoder = network([4, 7, 6, 16])
    x, z = case([4, 7, 6, 16], 2, 5, dtype=torch.float32)
    before = x.clone(), z.clone()
    gaussian_log_likelihood(decoder, LOG_SD, x, z)
    assert torch.equal(x, before[0])
    assert torch.equal(z, before[1])


def test_simulated_pixels_have_the_sd_around_the_decoders_means():
    """A variance off by 3% would be seen with probability 0.99."""
    vae = SMALL["grey pixels"].network()
    drawn = vae.simulate(20_000, keyed_generator(("simulated",)))
    residual = ((drawn.x - vae.decoder(drawn.z)) / vae.observation.log_sd.exp()).detach()
    assert_mean(residual.numpy(), 0.0, sees=0.03)
    assert_mean(residual.square().numpy(), 1.0, sees=0.03)


@pytest.mark.parametrize("name", ["grey pixels", "grey pixels, Johnson"])
def test_curvature_is_jacobian_and_autograd(name):
    model, x = model_and_points(name, 3)
    z = torch.randn(3, 2, generator=keyed_generator(("curvature",)), dtype=torch.float64).requires_grad_()
    expected = torch.autograd.grad(model.log_joint(x, z[:, None]).sum(), z)[0]
    gradient, precision = model.gauss_newton(x, z.detach())
    torch.testing.assert_close(gradient, expected)
    vae = model.network(torch.float64)
    for b in range(3):
        jacobian = torch.autograd.functional.jacobian(vae.decoder, z[b])
        expected = torch.eye(2) + jacobian.T @ jacobian / vae.observation.log_sd.exp() ** 2
        torch.testing.assert_close(precision[b], expected)


def test_evidence_by_quadrature_is_the_gaussian_marginal_of_a_linear_decoder():
    model, x = model_and_points("grey pixels, linear", 4)
    vae = model.network(torch.float64)
    weight, bias = (p.numpy() for p in vae.decoder.linear[0].parameters())
    covariance = weight @ weight.T + float(vae.observation.log_sd.exp()) ** 2 * torch.eye(6).numpy()
    value, error = quadrature.log_evidence(model, x)
    expected = torch.from_numpy(stats.multivariate_normal(bias, covariance).logpdf(x.numpy()))
    assert ((value - expected).abs() <= error + 1e-11).all()


@pytest.mark.parametrize("size", [1e3, 1e10, 1e38])
@pytest.mark.parametrize("name", ["grey pixels", "grey pixels, two layers", "grey pixels, linear"])
def test_a_latent_far_out_has_a_legal_weight(name, size):
    model, x = model_and_points(name, 2)
    z = torch.zeros(1, 2, model.network().latents)
    z[0, :, 0], z[0, :, -1] = torch.tensor([size, torch.inf]), torch.tensor([-size, -torch.inf])
    log_p = model.log_joint(x.float(), z)
    assert not log_p.isnan().any()
    assert (log_p[:, 1] == -torch.inf).all()


def test_only_grey_pixels_add_a_parameter_and_first_weights_leave_the_start_sd():
    default = architecture.build({"pixels": 6, "hidden": [[5]], "latents": [2]})
    grey = architecture.build(GREY)
    assert isinstance(default.observation, BernoulliObservation)
    assert set(grey.state_dict()) - set(default.state_dict()) == {"observation.log_scale"}
    initialise(grey, keyed_generator(("first",)))
    torch.testing.assert_close(grey.observation.log_sd.exp().detach(), torch.tensor(START_SD))


@pytest.mark.parametrize("observation", [BernoulliObservation(), GaussianObservation()])
def test_output_for_a_mean_gives_that_mean(observation):
    """Twice the sd of the mean of 40,000 draws is 0.005 for bits and 0.0025 for grey; 0.02 is 8 of them."""
    mean = torch.tensor([0.1, 0.5, 0.9])
    drawn = observation.sample(observation.output_for(mean).expand(40_000, -1), keyed_generator(("mean",)))
    assert (drawn.mean(0) - mean).abs().max() < 0.02


def test_cards_name_only_what_is_not_the_default():
    assert set(architecture.of_paper(784, 1)) == {"pixels", "hidden", "latents"}
    told = architecture.of_paper(784, 2, observation="gaussian")
    assert told["observation"] == "gaussian"
    assert "latent" not in told
    assert architecture.of_paper(784, 1, latent="bernoulli")["latent"] == "bernoulli"
    vae = architecture.build(json.loads(json.dumps(TWO_GREY)))
    assert isinstance(vae.observation, GaussianObservation)
    assert vae.widths == (3, 2)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"observation": "poisson"}, "no observation 'poisson'; it is bernoulli or gaussian"),
        ({"latent": "poisson"}, "no latent 'poisson'; it is gaussian or bernoulli"),
        ({"latent": "bernoulli", "hidden": [[5], [4]], "latents": [3, 2]}, "one layer"),
        ({"latent": "bernoulli", "hidden": [5], "latents": 2, "least_tail": 0.9}, "leave out least_tail"),
    ],
)
def test_what_cannot_be_built_is_a_sentence(change, sentence):
    with pytest.raises(BadOption, match=sentence):
        architecture.build({**GREY, **change})


def test_of_paper_refuses_two_layers_of_bits():
    with pytest.raises(BadOption, match="one layer"):
        architecture.of_paper(784, 2, latent="bernoulli")


def bound(model, x):
    with torch.no_grad():
        return float(Objective(iwae().reduce, 50)(model, x, keyed_generator(("bound",))).mean())


@pytest.mark.parametrize("kind", [GREY, TWO_GREY], ids=["one layer", "two layers"])
def test_a_short_training_improves_the_bound_and_finds_the_sd(kind):
    """Data: six grey levels on a line, with sd 0.1."""
    generator = keyed_generator(("line",))
    place = torch.rand(400, 1, generator=generator)
    x = place * torch.linspace(0, 1, 6) + 0.1 * torch.randn(400, 6, generator=generator)
    model = architecture.build(kind)
    initialise(model, generator)
    before = bound(model, x)
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(300):
        loss = -iwae(5)(model, x, generator).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    noise = Normal(0.0, 0.1).entropy() * 6  # no model can be above that minus what the place adds
    assert before + 2 < bound(model, x) < -float(noise) + 0.5
    assert 0.08 < float(model.observation.log_sd.exp().detach()) < 0.14
