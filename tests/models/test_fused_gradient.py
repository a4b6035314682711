"""The fused gradient of a Bernoulli decoder against the plain form in float64, and when it is taken."""

from __future__ import annotations

import pytest
import torch

from evidence_bench.models.networks import fused, fused_gradient
from evidence_bench.models.networks.fused import differentiable_log_likelihood
from evidence_bench.models.networks.tanh import TanhNetwork
from evidence_bench.models.randomness import keyed_generator

SHAPES = [(1, 1, 1, 1), (3, 5, 4, 16), (2, 7, 9, 37), (4, 1, 6, 3), (2, 30, 8, 784)]  # B, K, H, D
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


def case(shape, dtype=torch.float64, scale=1.0):
    """(x, h, weight, bias) with logits of order ``scale``; x holds zeros and ones."""
    points, k, hidden, pixels = shape
    generator = keyed_generator(("fused gradient", *shape))

    def normal(*size):
        return torch.randn(size, generator=generator, dtype=torch.float64)

    x = (torch.rand(points, pixels, generator=generator) < 0.4).to(dtype)
    h = normal(points, k, hidden).tanh()
    weight, bias = scale * normal(pixels, hidden) / hidden**0.5, scale * normal(pixels)
    return x, h.to(dtype), weight.to(dtype), bias.to(dtype)


def value_and_gradients(form, x, *followed):
    """The value [B, K] and the gradients of its weighted sum in h, weight and bias."""
    followed = [t.detach().requires_grad_() for t in followed]
    value = form(x, *followed)
    weights = torch.linspace(-1, 2, value.numel(), dtype=value.dtype).view_as(value)
    return value.detach(), torch.autograd.grad((weights * value).sum(), followed)


@shapes
@pytest.mark.parametrize("scale", [0.0, 1.0, 100.0])
def test_equals_the_plain_form_to_rounding(shape, scale):
    given = case(shape, scale=scale)
    value, gradients = value_and_gradients(fused_gradient.log_likelihood, *given)
    expected, slopes = value_and_gradients(fused_gradient.plain, *given)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=1e-11)
    for found, slope in zip(gradients, slopes, strict=True):
        torch.testing.assert_close(found, slope, rtol=1e-11, atol=1e-11)


@shapes
def test_gradients_in_float32_are_within_a_millionth_of_their_length(shape):
    """Relative error in norm; float32 keeps 6e-8 of a number, and the sums here are of up to 784 terms."""
    given = case(shape, scale=3.0)
    single = [t.float() for t in given]
    value, gradients = value_and_gradients(fused_gradient.log_likelihood, *single)
    truth, slopes = value_and_gradients(fused_gradient.plain, *(t.double() for t in single))
    assert (value.double() - truth).abs().max() < 1e-3
    for found, slope in zip(gradients, slopes, strict=True):
        assert (found.double() - slope).norm() < 1e-6 * slope.norm()


def test_first_and_second_gradients_are_those_of_finite_differences():
    x, *followed = case((2, 3, 2, 3))
    followed = [t.requires_grad_() for t in followed]

    def form(*given):
        return fused_gradient.log_likelihood(x, *given)

    assert torch.autograd.gradcheck(form, followed)
    assert torch.autograd.gradgradcheck(form, followed)


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_second_gradients_where_something_is_frozen(frozen):
    x, *given = case((2, 3, 2, 3))
    for i, one in enumerate(given):
        one.requires_grad_(i != frozen)
    others = [one for i, one in enumerate(given) if i != frozen]
    for form in (fused_gradient.log_likelihood, fused_gradient.plain):
        slopes = torch.autograd.grad(form(x, *given).sum(), others, create_graph=True)
        lengths = sum(slope.square().sum() for slope in slopes)
        found = torch.autograd.grad(lengths, others)
        if form is fused_gradient.log_likelihood:
            fused_slopes = found
    for one, other in zip(fused_slopes, found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rows", [1, 4, 7, 14, 15])
def test_does_not_depend_on_the_chunk(rows, monkeypatch):
    """14 rows in chunks of which the last is short, whole, or larger than all."""
    given = case((2, 7, 9, 37))
    whole = value_and_gradients(fused_gradient.log_likelihood, *given)
    monkeypatch.setattr(fused_gradient, "CHUNK_VALUES", 37 * rows)
    cut = value_and_gradients(fused_gradient.log_likelihood, *given)
    for one, other in zip((whole[0], *whole[1]), (cut[0], *cut[1]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-12)


@shapes
def test_what_it_is_given_is_left_as_it_was(shape):
    given = case(shape)
    before = [t.clone() for t in given]
    value_and_gradients(fused_gradient.log_likelihood, *given)
    assert all(torch.equal(one, other) for one, other in zip(given, before, strict=True))


def test_x_of_another_dtype_is_taken_in_that_of_h():
    x, *given = case((3, 5, 4, 16), torch.float32)
    same = fused_gradient.log_likelihood(x, *given)
    assert torch.equal(fused_gradient.log_likelihood(x.bool(), *given), same)


@pytest.fixture
def taken(monkeypatch):
    """Which form ``differentiable_log_likelihood`` took, call by call."""
    told = []

    def noting(name):
        form = getattr(fused_gradient, name)
        return lambda *given: told.append(name) or form(*given)

    for name in ("log_likelihood", "plain"):
        monkeypatch.setattr(fused_gradient, name, noting(name))
    return told


def decoder_and_points(points, k):
    decoder = TanhNetwork([2, 4, 16])
    for parameter in decoder.parameters():
        parameter.data.normal_(generator=keyed_generator(("dispatch", parameter.shape)))
    return decoder, torch.zeros(points, 16), torch.ones(points, k, 2)


def test_large_calls_are_fused_and_small_ones_are_not(taken, monkeypatch):
    monkeypatch.setattr(fused, "WORTH_FUSING", 3 * 5 * 16)
    differentiable_log_likelihood(*decoder_and_points(3, 5))
    differentiable_log_likelihood(*decoder_and_points(3, 4))
    assert taken == ["log_likelihood", "plain"]


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # of torch itself, on first use
def test_what_the_fused_form_cannot_follow_takes_the_plain_one(taken, monkeypatch):
    monkeypatch.setattr(fused, "WORTH_FUSING", 0)
    decoder, x, z = decoder_and_points(3, 5)
    differentiable_log_likelihood(decoder, x, z[:1])  # one grid for all x
    differentiable_log_likelihood(decoder, x.requires_grad_(), z)
    x = x.detach()
    torch.func.grad(lambda z: differentiable_log_likelihood(decoder, x, z).sum())(z)
    torch.func.jvp(lambda z: differentiable_log_likelihood(decoder, x, z), (z,), (z,))
    assert taken == ["plain"] * 4


def test_a_gradient_in_x_is_exact_where_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(fused, "WORTH_FUSING", 0)
    decoder, x, z = decoder_and_points(3, 5)
    (slope,) = torch.autograd.grad(differentiable_log_likelihood(decoder, x.requires_grad_(), z).sum(), x)
    torch.testing.assert_close(slope, decoder(z).sum(1).detach())


def test_gradients_reach_every_weight_of_the_decoder(monkeypatch):
    decoder, x, z = decoder_and_points(3, 5)
    found = []
    for worth in (0, 1 << 30):
        monkeypatch.setattr(fused, "WORTH_FUSING", worth)
        value = differentiable_log_likelihood(decoder.double(), x.double(), z.double()).sum()
        found.append(torch.autograd.grad(value, list(decoder.parameters())))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
        assert one.any()
