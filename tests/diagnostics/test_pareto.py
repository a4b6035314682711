"""Pareto k-hat on tails that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from evidence_bench.estimators.diagnostics.pareto import pareto_k, tail_size
from evidence_bench.models.errors import BadWeights
from evidence_bench.models.randomness import keyed_generator
from tests.statistical import assert_mean

K = 20_000


def _normal(*shape, sd=1.0):
    return sd * torch.randn(*shape, generator=keyed_generator(("pareto", sd)), dtype=torch.float64)


@pytest.mark.parametrize("shape", [0.3, 0.5, 0.7, 1.0])
def test_recovers_the_shape_of_pareto_weights(shape):
    """w = U^-k is Pareto: above any threshold exactly a generalised Pareto of shape k.

    With M tail draws k-hat is near (M k + 5) / (M + 10), with an error of (1 + k) / sqrt(M), .1 at k = 1;
    the mean of 400 rows then sees .035. The fit's own bias, O(1/M) = .002, is within it.
    """
    uniform = torch.rand(400, K, generator=keyed_generator(("tail", shape)), dtype=torch.float64)
    m = tail_size(K)
    expected = (m * shape + 5) / (m + 10)
    assert_mean(pareto_k(-shape * uniform.log()).numpy(), expected, sees=0.035)


def test_its_spread_is_that_of_maximum_likelihood():
    """sd (1 + k) / sqrt(M), shrunk by M / (M + 10); the sd of 400 values has a relative error of 3.5%."""
    uniform = torch.rand(400, K, generator=keyed_generator(("spread",)), dtype=torch.float64)
    m = tail_size(K)
    expected = 1.5 / math.sqrt(m) * m / (m + 10)
    assert float(pareto_k(-0.5 * uniform.log()).std()) == pytest.approx(expected, rel=4 * 0.035 + 1 / m)


def test_bounded_weights_have_a_negative_shape():
    """w uniform on [0, 1] has k = -1."""
    uniform = torch.rand(50, K, generator=keyed_generator(("bounded",)), dtype=torch.float64)
    assert (pareto_k(uniform.log()) < -0.8).all()


def _one_row(log_w):
    """The same fit for one row, written from the papers' formulas without any care for range."""
    count = math.ceil(min(len(log_w) / 5, 3 * math.sqrt(len(log_w))))
    ordered = np.sort(log_w)
    x = np.exp(ordered[-count:]) - np.exp(ordered[-count - 1])
    grid = 30 + int(math.sqrt(count))
    j = np.arange(1, grid + 1)
    quartile = x[math.floor(count / 4 + 0.5) - 1]
    theta = 1 / x[-1] + (1 - np.sqrt(grid / (j - 0.5))) / (3 * quartile)
    k = np.log1p(-theta[:, None] * x).mean(axis=1)
    profile = count * (np.log(-theta / k) - k - 1)
    weights = 1 / np.exp(profile[None] - profile[:, None]).sum(axis=1)
    mean = (weights * theta).sum()
    return (count * np.log1p(-mean * x).mean() + 5) / (count + 10)


@pytest.mark.parametrize("sd", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("k", [21, 64, 1000])
def test_batched_rows_agree_with_the_formulas(k, sd):
    log_w = _normal(2, 3, k, sd=sd)
    expected = np.apply_along_axis(_one_row, -1, log_w.numpy())
    np.testing.assert_allclose(pareto_k(log_w).numpy(), expected, rtol=1e-8)


@pytest.mark.parametrize("level", [-700.0, 700.0, 1e5])
def test_ignores_the_level_and_the_order(level):
    log_w = _normal(4, 500)
    torch.testing.assert_close(pareto_k(log_w.flip(-1) + level), pareto_k(log_w), rtol=0, atol=1e-6)


def test_weights_of_zero_count_as_draws():
    """With half of the draws at zero the tail is the same, but its size is that of all draws."""
    log_w = _normal(300)
    padded = torch.cat([log_w, torch.full((300,), -math.inf, dtype=torch.float64)])
    least = torch.cat([log_w, torch.full((300,), -50.0, dtype=torch.float64)])
    torch.testing.assert_close(pareto_k(padded), pareto_k(least))


def test_a_threshold_of_zero_is_legal():
    log_w = torch.full((200,), -math.inf, dtype=torch.float64)
    log_w[:20] = _normal(20)
    assert pareto_k(log_w).isfinite()


@pytest.mark.parametrize(
    "log_w",
    [
        torch.zeros(100),
        700.0 + 1e-15 * torch.arange(100, dtype=torch.float64),
        torch.full((100,), -math.inf),
        torch.cat([torch.arange(4.0), torch.full((96,), -math.inf)]),
        torch.arange(20.0),
        torch.zeros(1),
        torch.zeros(0),
    ],
    ids=["equal", "equal but for rounding", "zero", "four above zero", "K of 20", "one", "none"],
)
def test_not_defined_for_fewer_than_five_tail_draws(log_w):
    assert pareto_k(log_w).isnan()


@pytest.mark.parametrize("shape", [(3, 0), (0, 0), (2, 3, 0), (0, 30)], ids=str)
def test_rows_without_weights_and_no_rows(shape):
    khat = pareto_k(torch.zeros(shape))
    assert khat.shape == shape[:-1]
    assert khat.dtype == torch.float64
    assert khat.isnan().all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.int64], ids=str)
def test_a_scalar_is_no_row_of_weights(dtype):
    with pytest.raises(BadWeights, match=r"'pareto_k' takes log weights \[..., K\].*last axis"):
        pareto_k(torch.tensor(1, dtype=dtype))


@pytest.mark.parametrize(("value", "word"), [(math.nan, "NaN"), (math.inf, r"\+inf")])
@pytest.mark.parametrize("k", [3, 100])
def test_what_is_no_weight_is_refused_by_its_row(value, word, k):
    log_w = _normal(4, k)
    log_w[2, 1] = value
    with pytest.raises(BadWeights, match=rf"hold {word} in 1 of 4 rows \(rows 2\)"):
        pareto_k(log_w)


def test_a_tail_wider_than_float64_is_infinitely_heavy():
    assert pareto_k(_normal(3, 200, sd=2000.0)).isposinf().all()


def test_input_is_not_changed_and_output_is_float64():
    log_w = _normal(2, 100).float()
    before = log_w.clone()
    assert pareto_k(log_w).dtype == torch.float64
    assert torch.equal(log_w, before)
