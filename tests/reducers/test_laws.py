"""What holds for every reducer."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from benchmarks.laws.rows import NONE, K
from estimators.base import Bound, Expansion
from tests.reducers.instances import EVERY, FINITE, REDUCERS, ZEROS

each = pytest.mark.parametrize("reducer", REDUCERS, ids=repr)
# A shift by 700 rounds each log weight by up to 6e-14 and an order-5 jackknife may amplify that some
# hundredfold; everything else is rounding of the order 1e-13 relative to max(1, abs value).
SHIFTED, SAME = 1e-10, 1e-11


def assert_same(got: Tensor, expected: Tensor, within: float = SAME) -> None:
    """Equal relative to max(1, abs value), infinite where the other is."""
    assert torch.equal(got.isinf(), expected.isinf())
    assert torch.equal(got[got.isinf()], expected[expected.isinf()])
    error = ((got - expected) / expected.abs().clamp(min=1))[~got.isinf()].abs()
    assert (error <= within).all(), f"off by {error.max():.2g}"


@each
@pytest.mark.parametrize("shift", [-700.0, -3.25, 700.0])
def test_shift(reducer, shift):
    assert_same(reducer(EVERY + shift), reducer(EVERY) + shift, SHIFTED)


@each
def test_constant_weights_give_the_constant(reducer):
    for k in [*range(reducer.min_k, 41), 5000]:
        level = torch.tensor([0.0, -3.5, 12.25, -700.0, 700.0], dtype=torch.float64)
        assert_same(reducer(level.unsqueeze(-1).expand(-1, k)), level)


@each
def test_symmetric(reducer):
    if not reducer.symmetric:
        pytest.skip(f"{reducer!r} does not declare symmetric")
    for seed in range(5):
        order = torch.randperm(K, generator=torch.Generator().manual_seed(seed))
        assert_same(reducer(EVERY[:, order]), reducer(EVERY))


@each
def test_batched_is_stacked(reducer):
    together = reducer(EVERY)
    assert together.shape == EVERY.shape[:-1]
    assert_same(torch.stack([reducer(row) for row in EVERY]), together)
    cube = FINITE[:12].reshape(2, 3, 2, K)
    assert_same(reducer(cube), reducer(FINITE[:12]).reshape(2, 3, 2))
    assert reducer(EVERY[:0]).shape == (0,)


@each
def test_many_rows_are_the_rows_one_by_one(reducer):
    generator = torch.Generator().manual_seed(3)
    many = 2 * torch.randn(3000, K, generator=generator, dtype=torch.float64)
    assert_same(reducer(many)[::100], torch.stack([reducer(row) for row in many[::100]]))


@each
def test_weights_of_zero_are_legal(reducer):
    values = reducer(ZEROS)
    assert not values.isnan().any()
    assert reducer(torch.full((K,), NONE)) == NONE


@each
def test_input_is_not_mutated(reducer):
    given_rows = EVERY.clone()
    reducer(given_rows)
    assert torch.equal(given_rows, EVERY)


@each
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_float64_out(reducer, dtype):
    rows = FINITE[:5].to(dtype)
    assert reducer(rows).dtype == torch.float64
    assert torch.equal(reducer(rows), reducer(rows.double()))


@each
def test_gradients_sum_to_one_and_are_never_nan(reducer):
    rows = EVERY.clone().requires_grad_()
    values = reducer(rows)
    (gradient,) = torch.autograd.grad(values.sum(), rows)
    assert gradient.isfinite().all()
    finite = values.detach().isfinite()
    assert finite[: len(FINITE)].all()
    assert_same(gradient.sum(-1)[finite], torch.ones(int(finite.sum()), dtype=torch.float64), 1e-10)


@each
def test_gradient_is_that_of_differences(reducer):
    rows = FINITE[:3].clone().requires_grad_()
    assert torch.autograd.gradcheck(reducer, (rows,), eps=1e-5, atol=1e-6)


@each
def test_declarations(reducer):
    assert dataclasses.is_dataclass(reducer)
    for same in (type(reducer)(**_options(reducer)), pickle.loads(pickle.dumps(reducer)), copy.copy(reducer)):
        assert same == reducer
        assert repr(same) == repr(reducer)
        assert hash(same) == hash(reducer)
    assert isinstance(reducer.bound, Bound)
    assert isinstance(reducer.expansion, Expansion)
    assert reducer.bias_order is None or reducer.moments == reducer.bias_order + 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        reducer.min_k = 7


@each
@settings(deadline=None, derandomize=True, max_examples=50)
@given(data=st.data())
def test_between_the_weights_where_it_is_a_mean(reducer, data):
    """A bound from below lies between the smallest and the largest weight, and every value is a number."""
    log_weight = st.one_of(st.floats(-300, 300), st.just(-math.inf))
    row = torch.tensor(
        data.draw(st.lists(log_weight, min_size=reducer.min_k, max_size=20)), dtype=torch.float64
    )
    value = reducer(row)
    assert not value.isnan()
    if reducer.bound is Bound.LOWER:
        assert row.min() - 1e-9 <= value <= row.max() + 1e-9


def _options(reducer):
    text = repr(reducer).partition("(")[2].rstrip(")")
    return {key: int(value) for key, _, value in (part.partition("=") for part in text.split(",") if part)}
