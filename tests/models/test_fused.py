"""The fast form of a Bernoulli decoder against the plain one in float64."""

from __future__ import annotations

import shutil

import pytest
import torch

from evidence_bench.models.networks import fused, softplus
from evidence_bench.models.networks.fused import bernoulli_log_likelihood, differentiable_log_likelihood
from evidence_bench.models.networks.tanh import TanhNetwork, initialise
from evidence_bench.models.randomness import keyed_generator

WIDTHS = ([2, 3], [3, 5, 1], [4, 7, 6, 16], [5, 8, 37], [3, 9, 784], [2, 6, 1500])


def network(sizes: list[int], scale: float = 3.0) -> TanhNetwork:
    decoder = TanhNetwork(sizes)
    initialise(decoder, keyed_generator(("fused", *sizes)))
    for layer in decoder.linear:
        layer.weight.data.mul_(scale)
        layer.bias.data.normal_(generator=keyed_generator(("bias", *sizes)))
    return decoder.requires_grad_(False)


def case(sizes: list[int], points: int, k: int, dtype: torch.dtype, grid: bool = False) -> tuple:
    generator = keyed_generator(("case", *sizes, points, k))
    x = (torch.rand(points, sizes[-1], generator=generator) < 0.4).to(dtype)
    z = torch.randn(1 if grid else points, k, sizes[0], generator=generator, dtype=torch.float64)
    return x, z.to(dtype)


def exact(decoder: TanhNetwork, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    double = TanhNetwork([decoder.linear[0].in_features, *(one.out_features for one in decoder.linear)])
    double.load_state_dict(decoder.state_dict())
    return differentiable_log_likelihood(double.double().requires_grad_(False), x.double(), z.double())


@pytest.mark.parametrize("sizes", WIDTHS, ids=str)
@pytest.mark.parametrize(("points", "k"), [(1, 1), (1, 700), (3, 40), (130, 1), (7, 0)])
@pytest.mark.parametrize("grid", [False, True])
def test_equals_the_plain_form_to_rounding(sizes, points, k, grid):
    decoder = network(sizes)
    x, z = case(sizes, points, k, torch.float64, grid)
    value = bernoulli_log_likelihood(decoder.double(), x, z)
    assert value.shape == (points, k)
    torch.testing.assert_close(value, exact(decoder, x, z), rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("sizes", WIDTHS, ids=str)
def test_float32_is_within_a_thousandth_of_a_nat(sizes):
    decoder = network(sizes)
    x, z = case(sizes, 3, 300, torch.float32)
    assert (bernoulli_log_likelihood(decoder, x, z).double() - exact(decoder, x, z)).abs().max() < 1e-3


@pytest.mark.parametrize("rows", [1, 3, 64])
def test_does_not_depend_on_the_chunk(rows, monkeypatch):
    decoder = network([4, 7, 6, 16]).double()
    x, z = case([4, 7, 6, 16], 5, 33, torch.float64)
    whole = bernoulli_log_likelihood(decoder, x, z)
    monkeypatch.setitem(fused.CHUNK_VALUES, "cpu", 16 * rows)
    torch.testing.assert_close(bernoulli_log_likelihood(decoder, x, z), whole, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("pixels", [1, 2, 3, 16, 37, 64, 127, 784, 1500])
@pytest.mark.parametrize("size", [0.0, 1.0, 90.0, 1e4])
def test_sum_of_softplus_however_large_the_logits(pixels, size):
    a = size * torch.randn(20, pixels, generator=keyed_generator(("a", pixels)))
    bias = torch.linspace(-1, 1, pixels)
    truth = torch.nn.functional.softplus((a + bias).double()).sum(-1)
    torch.testing.assert_close(softplus.eager_sum(a.clone(), bias).double(), truth, rtol=3e-6, atol=1e-5)
    torch.testing.assert_close(softplus._lanes_sum(a, bias).double(), truth, rtol=3e-6, atol=1e-5)


def test_gradients_take_the_plain_form():
    decoder = network([4, 7, 6, 16])
    x, z = case([4, 7, 6, 16], 2, 5, torch.float32)
    z.requires_grad_()
    bernoulli_log_likelihood(decoder, x, z).sum().backward()
    assert z.grad is not None
    assert bool((z.grad != 0).all())


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # of torch itself, on first use
def test_transforms_of_torch_func_pass_through():
    decoder = network([4, 7, 6, 16]).double()
    x, z = case([4, 7, 6, 16], 1, 1, torch.float64)
    slope = torch.func.jacrev(lambda one: bernoulli_log_likelihood(decoder, x, one))(z)
    ones = torch.ones_like(z)
    forward = torch.func.jvp(lambda one: bernoulli_log_likelihood(decoder, x, one), (z,), (ones,))
    torch.testing.assert_close(forward[1].squeeze(), slope.sum())


def test_transforms_over_the_weights_pass_through():
    decoder = network([4, 7, 6, 16]).double()
    x, z = case([4, 7, 6, 16], 2, 3, torch.float64)
    weights = {name: torch.stack([p, 2 * p]) for name, p in decoder.named_parameters()}

    class Likelihood(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.decoder = decoder

        def forward(self):
            return bernoulli_log_likelihood(self.decoder, x, z)

    def value(given):
        named = {f"decoder.{name}": p for name, p in given.items()}
        return torch.func.functional_call(Likelihood(), named, ())

    both = torch.func.vmap(value)(weights)
    torch.testing.assert_close(both[0], bernoulli_log_likelihood(decoder, x, z))


def test_forward_mode_passes_through():
    decoder = network([4, 7, 6, 16]).double()
    x, z = case([4, 7, 6, 16], 2, 3, torch.float64)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(z, torch.ones_like(z))
        slope = torch.autograd.forward_ad.unpack_dual(bernoulli_log_likelihood(decoder, x, dual)).tangent
    step = 1e-6
    ends = [bernoulli_log_likelihood(decoder, x, z + sign * step) for sign in (1, -1)]
    torch.testing.assert_close(slope, (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_the_input_is_left_alone():
    decoder = network([4, 7, 6, 16])
    x, z = case([4, 7, 6, 16], 2, 5, torch.float32)
    before = x.clone(), z.clone()
    bernoulli_log_likelihood(decoder, x, z)
    assert torch.equal(x, before[0])
    assert torch.equal(z, before[1])


def test_what_is_compiled_is_decided_by_the_work_and_the_compiler(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr(softplus, "_missing_compiler", lambda device: "")
    assert not softplus.choose(784, torch.float32, cpu).compiled
    with softplus.expecting(1e9):
        assert softplus.choose(784, torch.float32, cpu).compiled
        assert not softplus.choose(4, torch.float32, cpu).compiled
        assert "float64" in softplus.choose(784, torch.float64, cpu).reason
        monkeypatch.setattr(softplus, "_missing_compiler", lambda device: "no compiler")
        assert softplus.choose(784, torch.float32, cpu).reason == "eager: no compiler"
    assert not softplus.choose(784, torch.float32, cpu).compiled


def test_a_compiler_that_fails_is_no_crash(monkeypatch):
    def broken(*_args, **_kwargs):
        def run(*_):
            raise RuntimeError("no compiler after all")

        return run

    monkeypatch.setattr(torch, "compile", broken)
    softplus._compiled.cache_clear()
    a, bias = torch.zeros(3, 8), torch.zeros(8)
    monkeypatch.setattr(softplus, "_failed", [])
    monkeypatch.setattr(softplus, "_chosen", {"8 pixels, float32, cpu": "compiled"})
    try:
        value = softplus._compiled()(a, bias)
    finally:
        softplus._compiled.cache_clear()
    assert softplus.chosen() == {"8 pixels, float32, cpu": "eager: the compiler failed with RuntimeError"}
    torch.testing.assert_close(value, torch.full((3,), 8 * torch.tensor(2.0).log()))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler here")
def test_the_compiled_sum_equals_the_eager_one():
    a = 5 * torch.randn(500, 784, generator=keyed_generator(("compiled",)))
    bias = torch.linspace(-1, 1, 784)
    compiled = softplus._compiled()(a.clone(), bias)
    torch.testing.assert_close(compiled, softplus.eager_sum(a, bias), rtol=3e-6, atol=1e-4)
