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

from evidence_bench.benchmarks.laws.law import Says
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject
from evidence_bench.benchmarks.laws.reducers import REDUCER_LAWS
from evidence_bench.estimators.base import Bound
from tests.reducers.instances import FINITE, REDUCERS

each = pytest.mark.parametrize("reducer", REDUCERS, ids=repr)
# Rounding is of the order 1e-13 relative to max(1, abs value); a shift by 700, of which an order-5 jackknife
# may make some hundred times as much, is allowed ten times this.
SAME = 1e-11


def assert_same(got: Tensor, expected: Tensor, within: float = SAME) -> None:
    """Equal relative to max(1, abs value), infinite where the other is."""
    assert torch.equal(got.isinf(), expected.isinf())
    assert torch.equal(got[got.isinf()], expected[expected.isinf()])
    error = ((got - expected) / expected.abs().clamp(min=1))[~got.isinf()].abs()
    assert (error <= within).all(), f"off by {error.max():.2g}"


@each
@pytest.mark.parametrize("law", REDUCER_LAWS, ids=lambda law: law.name)
def test_every_law_holds(reducer, law):
    """To rounding, where a plug-in's reducer gets a float32 constant's leeway."""
    outcome = law(ReducerSubject(repr(reducer), reducer, SAME))
    if outcome.says is Says.SILENT:
        pytest.skip(f"{reducer!r}: {outcome.sentence}")
    assert outcome.says is Says.HOLDS, outcome.sentence


@each
def test_gradient_is_that_of_differences(reducer):
    rows = FINITE[:3].clone().requires_grad_()
    assert torch.autograd.gradcheck(reducer, (rows,), eps=1e-5, atol=1e-6)


@each
def test_it_is_a_value(reducer):
    assert dataclasses.is_dataclass(reducer)
    for same in (type(reducer)(**_options(reducer)), pickle.loads(pickle.dumps(reducer)), copy.copy(reducer)):
        assert same == reducer
        assert repr(same) == repr(reducer)
        assert hash(same) == hash(reducer)
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
