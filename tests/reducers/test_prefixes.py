"""All K of a study in one pass give what each reducer gives for each K alone."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from evidence_bench.benchmarks.laws.rows import NONE, rows_of, rows_with_zeros
from evidence_bench.estimators.diagnostics import (
    effective_sample_size,
    effective_sample_sizes,
    largest_weight_share,
    largest_weight_shares,
)
from evidence_bench.estimators.function import FunctionReducer
from evidence_bench.estimators.reducers import Delta, Jackknife, LogMeanExp, Mean, jackknife_prefixes
from evidence_bench.estimators.reducers.jackknife.summary import ZERO, joined, summary
from evidence_bench.estimators.reducers.nested import OfSums, together
from evidence_bench.estimators.reducers.prefix_sums import prefix_sums
from evidence_bench.models.errors import BadOption, BadWeights, NotApplicable
from tests.reducers.instances import REDUCERS
from tests.reducers.test_laws import SAME, assert_same

K = 70
KS = (1, 2, 3, 7, 8, 64, 65, K)


def rows_far_apart() -> dict[str, torch.Tensor]:
    """Rows of which a prefix lies thousands of nats below, or above, what comes later."""
    rising = 60.0 * torch.arange(K, dtype=torch.float64) - 5000
    late = torch.where(torch.arange(K) < 7, rising - 1e6, rising.flip(0))
    empty = rising.clone()
    empty[:7] = NONE
    return {"rising": rising, "falling": rising.flip(0), "late": late, "zeros first": empty}


ROWS = torch.stack(list((rows_of(K) | rows_with_zeros(K) | rows_far_apart()).values()))


def asked_of(reducers):
    return [(reducer, k) for reducer in reducers for k in KS if k >= reducer.min_k]


@pytest.mark.parametrize("many", [[one] for one in REDUCERS] + [REDUCERS], ids=lambda m: f"{len(m)} {m[0]}")
def test_together_is_each_alone(many):
    asked = asked_of(many)
    groups = together(asked)
    places = [place for group in groups for place in group.places]
    assert len(places) == len(set(places))
    for group in groups:
        values = group.values(ROWS, prefix_sums(ROWS, KS))
        assert values.shape == (len(ROWS), len(group.places))
        for place, column in zip(group.places, values.unbind(-1), strict=True):
            reducer, k = asked[place]
            assert_same(column, reducer(ROWS[:, :k]))


def test_every_value_of_ours_is_in_a_group_and_no_other():
    ours = asked_of([Mean(), LogMeanExp(), Delta(), Jackknife(), Jackknife(3)])
    groups = together([(FunctionReducer(torch.mean), 8), *ours])
    assert sorted(place for group in groups for place in group.places) == list(range(1, len(ours) + 1))


def test_one_pass_serves_every_order():
    """The jackknife takes one group for each set of orders that a K has, whatever their sequence."""
    jackknives = [Jackknife(m) for m in (5, 1, 3, 2, 4)]
    groups = together([(r, k) for k in (64, 8) for r in jackknives])
    assert len(groups) == 1
    assert [group.places for group in together([(Jackknife(2), 8), (Jackknife(), 8), (Jackknife(), 2)])] == [
        (2,),
        (1, 0),
    ]


def test_one_reducer_asked_for_twice():
    asked = [(r, 8) for r in (Mean(), Mean(), Jackknife(), Jackknife())]
    for group in together(asked):
        values = group.values(ROWS, prefix_sums(ROWS, (8,)))
        assert_same(values, asked[group.places[0]][0](ROWS[:, :8]).unsqueeze(-1).expand_as(values))


@pytest.mark.parametrize(
    ("each", "alone"),
    [(effective_sample_sizes, effective_sample_size), (largest_weight_shares, largest_weight_share)],
)
def test_diagnostics_of_prefixes(each, alone):
    values = each(prefix_sums(ROWS, KS))
    for column, k in enumerate(KS):
        torch.testing.assert_close(values[:, column], alone(ROWS[:, :k]), rtol=SAME, atol=0, equal_nan=True)


def test_sums_are_those_of_the_definition():
    sums = prefix_sums(ROWS, KS)
    for column, k in enumerate(KS):
        part = ROWS[:, :k]
        level = part.amax(-1)
        v = (part - level.nan_to_num(neginf=0.0).unsqueeze(-1)).exp()
        assert torch.equal(sums.level[:, column], level.nan_to_num(neginf=0.0))
        assert_same(sums.log_sum[:, column], part.sum(-1), 1e-13)
        assert_same(sums.total[:, column], v.sum(-1), 1e-14)
        assert_same(sums.squares[:, column], v.square().sum(-1), 1e-14)


def test_many_rows_in_blocks():
    generator = torch.Generator().manual_seed(5)
    many = 3 * torch.randn(3, 2000, K, generator=generator, dtype=torch.float64)
    assert_same(LogMeanExp().of_sums(prefix_sums(many, KS)), each_alone(LogMeanExp(), many, KS))
    ks = KS[3:]
    assert_same(jackknife_prefixes(many, ks, (2,))[..., 0], each_alone(Jackknife(2), many, ks))
    assert jackknife_prefixes(many[:0], ks, (1, 2)).shape == (0, 2000, len(ks), 2)
    assert prefix_sums(many[:0], ks).total.shape == (0, 2000, len(ks))


def each_alone(reducer, log_w, ks):
    return torch.stack([reducer(log_w[..., :k]) for k in ks], -1)


def in_one_pass(reducer, log_w, ks):
    if isinstance(reducer, OfSums):
        return reducer.of_sums(prefix_sums(log_w, ks))
    return jackknife_prefixes(log_w, ks, (reducer.order,))[..., 0]


@pytest.mark.parametrize("reducer", REDUCERS, ids=repr)
def test_gradients_of_one_pass(reducer):
    ks = [k for k in KS if k >= max(2, reducer.min_k)]
    scale = torch.linspace(-1, 2, len(ks), dtype=torch.float64)
    rows = ROWS[(ROWS[:, : ks[0]] > NONE).sum(-1) >= reducer.min_k]
    assert len(rows) >= 12

    def gradient(function):
        x = rows.clone().requires_grad_()
        return torch.autograd.grad((function(reducer, x, ks) * scale).sum(), x)[0]

    got, expected = gradient(in_one_pass), gradient(each_alone)
    assert got.isfinite().all()
    assert ((got - expected).abs() <= 1e-9 * expected.abs().clamp(min=1)).all()


@pytest.mark.parametrize("ks", [(), (0, 2), (2, 2), (4, 2), (2, K + 1)])
def test_prefixes_that_are_none(ks):
    for function in (prefix_sums, partial(jackknife_prefixes, orders=(1,))):
        with pytest.raises(BadOption, match=f"increasing k from 1 to {K}"):
            function(ROWS, ks)


def test_too_few_weights_and_bad_ones():
    with pytest.raises(NotApplicable, match="at least 4, not 3"):
        jackknife_prefixes(ROWS, (3, 8), (1, 3))
    with pytest.raises(NotApplicable, match="at least 2, not 1"):
        Delta().of_sums(prefix_sums(ROWS, (1, 8)))
    for value in (torch.nan, torch.inf):
        rows = ROWS.index_put((torch.tensor(4), torch.tensor(2)), torch.tensor(value).double())
        for function in (prefix_sums, partial(jackknife_prefixes, orders=(1,))):
            with pytest.raises(BadWeights, match=r"in 1 of \d+ rows \(rows 4\)"):
                function(rows, (2, 8))


@pytest.mark.parametrize("cut", [1, 2, 3, 8, 40, K - 1])
@pytest.mark.parametrize("m", [1, 2, 5])
def test_a_summary_of_two_parts_is_that_of_the_whole(cut, m):
    rows = ROWS.clamp(min=ZERO)
    whole, parts = summary(rows, m, 20), joined(summary(rows[:, :cut], m, 20), summary(rows[:, cut:], m, 20))
    assert torch.equal(parts.top, whole.top)
    assert torch.equal(parts.scale, whole.scale)
    enough = whole.scale[:, 0] > ZERO  # what is summed in the unit of a weight of zero is never used
    torch.testing.assert_close(parts.sums[enough], whole.sums[enough], rtol=1e-13, atol=0)
