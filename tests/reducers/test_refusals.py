"""What reducers refuse, and the sentence they say."""

from __future__ import annotations

import pytest
import torch

from evidence_bench.estimators.reducers import Delta, Jackknife, LogMeanExp, Mean, jackknife_orders
from evidence_bench.models.errors import BadOption, BadWeights, NotApplicable
from tests.reducers.instances import EVERY, REDUCERS

each = pytest.mark.parametrize("reducer", REDUCERS, ids=repr)


@each
@pytest.mark.parametrize(("value", "word"), [(torch.nan, "NaN"), (torch.inf, r"\+inf")])
def test_nan_and_inf_name_their_rows(reducer, value, word):
    rows = EVERY.clone()
    rows[[4, 7], 3] = value
    with pytest.raises(BadWeights, match=rf"hold {word} in 2 of {len(rows)} rows \(rows 4, 7\)"):
        reducer(rows)


@each
def test_only_the_first_rows_are_named(reducer):
    with pytest.raises(BadWeights, match=r"20 of 20 rows \(rows 0, 1, 2, 3, 4, \.\.\.\)"):
        reducer(torch.full((20, 8), torch.nan))
    with pytest.raises(BadWeights, match=r"\(rows \(1, 2\)\)"):
        reducer(torch.zeros(2, 3, 8).index_put((torch.tensor(1), torch.tensor(2)), torch.tensor(torch.inf)))
    with pytest.raises(BadWeights, match="the only row"):
        reducer(torch.full((8,), torch.nan))


@each
def test_too_few_weights(reducer):
    assert reducer(torch.zeros(3, reducer.min_k)).shape == (3,)
    with pytest.raises(NotApplicable, match=rf"K of at least {reducer.min_k}, not {reducer.min_k - 1}"):
        reducer(torch.zeros(3, reducer.min_k - 1))


@each
def test_what_is_no_array_of_weights(reducer):
    with pytest.raises(BadWeights, match="last axis"):
        reducer(torch.tensor(0.5))
    with pytest.raises(BadWeights, match="floating-point"):
        reducer(torch.zeros(3, 8, dtype=torch.int64))


@pytest.mark.parametrize("order", [0, -1, 1.0, True, "2"])
def test_an_order_that_is_none(order):
    with pytest.raises(BadOption, match="whole number from 1"):
        Jackknife(order=order)
    with pytest.raises(BadOption, match="whole number from 1"):
        jackknife_orders(EVERY, [1, order])


def test_no_order_and_too_high_an_order():
    with pytest.raises(BadOption, match="at least one"):
        jackknife_orders(EVERY, [])
    with pytest.raises(NotApplicable, match="at least 10"):
        jackknife_orders(EVERY, [1, 9])


def test_least_k_and_orders_as_documented():
    declared = {
        repr(r): (r.min_k, r.bias_order, r.moments) for r in (Mean(), LogMeanExp(), Delta(), Jackknife(4))
    }
    assert declared == {
        "Mean()": (1, None, 1),
        "LogMeanExp()": (1, 1, 2),
        "Delta()": (2, 2, 3),
        "Jackknife(order=4)": (5, 5, 6),
    }
