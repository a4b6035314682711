"""The jackknife against its definition, in high precision."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_bench.benchmarks.laws.rows import rows_of, rows_with_zeros, spread
from evidence_bench.estimators.reducers import Jackknife, jackknife_orders
from tests.reducers.enumeration import combine, enumerated, subset_means, two_valued
from tests.reducers.instances import EVERY

WITHIN = 1e-9  # relative to max(1, abs value): the accuracy that is promised; measured 4e-14
HIGHEST = 4


def error(got: float, expected: float) -> float:
    """Relative to max(1, abs value)."""
    return abs(got - expected) / max(1.0, abs(expected))


@cache
def rows_and_means(k: int):
    """Rows of k weights with the means over their subsets, as far as these are finite."""
    rows = list((rows_of(k) | rows_with_zeros(k)).values())
    return [(row, subset_means(row, _reach(row, k))) for row in rows]


def _reach(row, k: int) -> int:
    return min(HIGHEST, k - 1, max(0, int((row > -torch.inf).sum()) - 1))


@pytest.mark.parametrize(
    ("k", "m"), [(k, m) for k in range(2, 15) for m in range(1, min(HIGHEST, k - 1) + 1)]
)
def test_is_the_enumeration_of_subsets(k, m):
    """Spread .1 to 40, dominated, equal, at levels of -700 and 700, and with weights of zero."""
    for row, means in rows_and_means(k):
        if len(means) > m:
            assert error(Jackknife(order=m)(row).item(), combine(means, k, m)) <= WITHIN, row


@pytest.mark.parametrize("m", range(1, HIGHEST + 1))
def test_limits_with_at_most_m_weights(m):
    """+inf for an odd number of weights other than zero, -inf for an even one, as the limit of small ones."""
    k = 7
    for nonzero in range(m + 1):
        row = spread(1.0, k)
        row[nonzero:] = -torch.inf
        small = row.clamp(min=-1e5)
        limit = Jackknife(order=m)(row).item()
        assert limit == (torch.inf if nonzero % 2 else -torch.inf)
        approached = combine(subset_means(small, m), k, m)
        assert approached * limit > 0
        assert abs(approached) > 1e3
        assert error(Jackknife(order=m)(small).item(), approached) <= WITHIN


@pytest.mark.parametrize("k", [9, 64, 5000, 100_000])
@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_two_values_at_any_k(k, m):
    """Rows of two values, where subsets can be counted, so that K is not held down by enumeration."""
    for many in (1, 2, m, m + 1, k // 2, k - 1):
        for low in (-0.1, -0.7, -3.0, -10.0, -40.0, -300.0):
            row = torch.full((k,), low, dtype=torch.float64)
            row[:many] = 0
            assert error(Jackknife(order=m)(row).item(), two_valued(k, many, low, m)) <= WITHIN, (many, low)


@pytest.mark.parametrize(("m", "k"), [(6, 9), (6, 64), (8, 12), (8, 5000)])
def test_high_orders(m, k):
    for many in (1, m + 1, k // 2):
        row = torch.full((k,), -0.7, dtype=torch.float64)
        row[:many] = 0
        assert error(Jackknife(order=m)(row).item(), two_valued(k, many, -0.7, m)) <= WITHIN


def test_orders_together_are_each_alone():
    together = jackknife_orders(EVERY, [1, 2, 3, 4, 5])
    assert together.shape == (len(EVERY), 5)
    for m in range(1, 6):
        alone, column = Jackknife(order=m)(EVERY), together[:, m - 1]
        same = (alone == column) | ((alone - column).abs() <= 1e-11 * alone.abs().clamp(min=1))
        assert same.all()
    assert torch.equal(jackknife_orders(EVERY, [3, 1])[:, 1], jackknife_orders(EVERY, (1, 3))[:, 0])


@settings(deadline=None, derandomize=True, max_examples=150)
@given(data=st.data())
def test_any_few_weights(data):
    m = data.draw(st.integers(1, 3))
    weights = st.one_of(st.floats(-3, 3), st.floats(-200, 200))
    row = torch.tensor(data.draw(st.lists(weights, min_size=m + 1, max_size=7)), dtype=torch.float64)
    assert error(Jackknife(order=m)(row).item(), combine(subset_means(row, m), len(row), m)) <= WITHIN


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_gradient_is_that_of_the_enumeration(m):
    """Also with dominated weights and weights of zero; the gradient of a weight of zero is zero."""
    rows = EVERY[EVERY.isfinite().sum(-1) > m]
    ours, theirs = rows.clone().requires_grad_(), rows.clone().requires_grad_()
    (got,) = torch.autograd.grad(Jackknife(order=m)(ours).sum(), ours)
    (expected,) = torch.autograd.grad(enumerated(theirs, m).sum(), theirs)
    assert ((got - expected).abs() <= 1e-7 * expected.abs().clamp(min=1)).all()
    assert (got[rows == -torch.inf] == 0).all()


def test_gradients_of_orders_together():
    rows = EVERY[EVERY.isfinite().sum(-1) > 3]
    ours, theirs = rows.clone().requires_grad_(), rows.clone().requires_grad_()
    scale = torch.tensor([0.5, -2.0, 1.0], dtype=torch.float64)
    (got,) = torch.autograd.grad((jackknife_orders(ours, (1, 2, 3)) * scale).sum(), ours)
    by_hand = sum(s * enumerated(theirs, m) for m, s in zip((1, 2, 3), scale.tolist(), strict=True))
    (expected,) = torch.autograd.grad(by_hand.sum(), theirs)
    assert ((got - expected).abs() <= 1e-7 * expected.abs().clamp(min=1)).all()


def test_gradient_over_many_blocks_of_rows():
    generator = torch.Generator().manual_seed(11)
    many = torch.randn(700, 40, generator=generator, dtype=torch.float64).requires_grad_()
    (together,) = torch.autograd.grad(Jackknife(order=2)(many).sum(), many)
    (part,) = torch.autograd.grad(Jackknife(order=2)(many[:50]).sum(), many)
    assert (together[:50] - part[:50]).abs().max() <= 1e-13


def test_float32_weights_carry_a_gradient_of_their_type():
    row = spread(1.0).float().requires_grad_()
    Jackknife(order=2)(row).backward()
    assert row.grad is not None
    assert row.grad.dtype == torch.float32


def test_works_after_a_first_use_without_gradients():
    """Constants kept from a use in inference mode serve a later use with gradients."""
    with torch.inference_mode():
        Jackknife(order=2)(spread(1.0, 23))
    row = spread(1.0, 23).requires_grad_()
    Jackknife(order=2)(row).backward()
    assert row.grad is not None
    assert row.grad.isfinite().all()
