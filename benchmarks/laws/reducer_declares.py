"""Laws of what a reducer declares of itself, its bound and its order apart."""

from __future__ import annotations

import torch

from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject, differences, stacked, unusable
from evidence_bench.benchmarks.laws.reducer_values import compared
from evidence_bench.estimators.base import Bound, Expansion
from evidence_bench.estimators.reducers.nested import together
from evidence_bench.estimators.reducers.prefix_sums import prefix_sums

_FURTHER_K = 5  # above the smallest


def _declared(subject: ReducerSubject) -> Outcome:
    """Words of the right kind: a declaration that is none would be taken for another."""
    reducer = subject.reducer
    kinds = (
        ("needs_iid", isinstance(reducer.needs_iid, bool), "True or False"),
        ("symmetric", isinstance(reducer.symmetric, bool), "True or False"),
        ("bound", isinstance(reducer.bound, Bound), "a Bound"),
        ("expansion", isinstance(reducer.expansion, Expansion), "an Expansion"),
        ("bias_order", _count(reducer.bias_order, 1) or reducer.bias_order is None, "None or 1, 2, ..."),
        ("moments", _count(reducer.moments, 0), "0, 1, 2, ..."),
        ("min_k", _count(reducer.min_k, 1), "1, 2, ..."),
    )
    wrong = [f"{name} is {getattr(reducer, name)!r}, not {what}" for name, right, what in kinds if not right]
    if hash(reducer) != hash(reducer) or reducer != reducer:
        wrong.append("it does not equal itself")
    return fails("; ".join(wrong) + ".") if wrong else holds("each declaration is one.")


def _count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _least_k(subject: ReducerSubject) -> Outcome:
    """It takes its smallest K and those above; of a plain function, some K that are tried."""
    if not subject.declares:
        return _some_k(subject)
    least = subject.reducer.min_k
    for k in range(least, least + _FURTHER_K):
        if reason := subject.refusal(k):
            return fails(f"it declares min_k = {least}, and at K = {k} it {reason}.")
    return holds(f"it takes K = {least} and those above.")


def _some_k(subject: ReducerSubject) -> Outcome:
    if not subject.k:
        return fails(f"it takes no K that was tried: at K = 16 it {subject.refusal(16)}.")
    return holds(f"it is tried at K = {subject.k}.")


def _symmetric(subject: ReducerSubject) -> Outcome:
    named = dict(subject.finite) | dict(subject.with_zeros)
    rows = stacked(named)
    in_order, worst = subject.values(rows), holds("")
    for seed in range(5):
        order = torch.randperm(subject.k, generator=torch.Generator().manual_seed(seed))
        outcome = compared(subject.values(rows[:, order]), in_order, named, subject.k, subject.rounding)
        if outcome.fails:
            return fails(f"in another order it is {outcome.sentence}", outcome.figure)
        worst = outcome if not worst.figure > outcome.figure else worst
    return worst


def _not_symmetric(subject: ReducerSubject) -> str:
    return unusable(subject) or ("" if subject.reducer.symmetric else "it does not declare symmetric.")


def _gradients(subject: ReducerSubject) -> Outcome:
    """Shift, differentiated: the gradient sums to one; and never NaN, at weights of zero too."""
    finite = stacked(subject.finite)
    rows = torch.cat([finite, stacked(subject.with_zeros)]).requires_grad_()
    values = subject.reducer(rows)
    (gradient,) = torch.autograd.grad(values.sum(), rows)
    if not gradient.isfinite().all():
        return fails("the gradient is not finite in some rows (weights of zero, or one that dominates).")
    chosen = values.detach().isfinite()
    total = gradient.sum(-1)[chosen]
    off = float(differences(total, torch.ones_like(total)).max())
    if off > 10 * subject.rounding:
        return fails(f"the gradient in the log weights sums to one but for {off:.2g}.", off)
    return holds(f"the gradient sums to one to {off:.1e}.", off)


def _without_gradient(subject: ReducerSubject) -> str:
    if not subject.declares:
        return "a plain function is only evaluated."
    if reason := unusable(subject):
        return reason
    probe = stacked(subject.finite).requires_grad_()
    return "" if subject.reducer(probe).requires_grad else "it gives no gradient, which only training needs."


def _nested(subject: ReducerSubject) -> Outcome:
    """What a study works out for all its K at once is what the reducer gives for each alone."""
    reducer, rows = subject.reducer, stacked(dict(subject.finite) | dict(subject.with_zeros))
    ks = sorted({k for k in (reducer.min_k, subject.k - 1, subject.k) if k >= 1 and subject.takes(k)})
    names = {f"row {i}": row for i, row in enumerate(rows)}
    worst = holds("each K is reduced by itself.")
    for group in together([(reducer, k) for k in ks]):
        values = group.values(rows, prefix_sums(rows, ks)).detach()
        for place, column in zip(group.places, values.unbind(-1), strict=True):
            alone = subject.values(rows[:, : ks[place]])
            outcome = compared(column, alone, names, ks[place], subject.rounding)
            if outcome.fails:
                return fails(f"a study measures {outcome.sentence}", outcome.figure)
            worst = outcome if not worst.figure > outcome.figure else worst
    return worst


DECLARED = Law("declarations", "each declaration is of its kind", _declared)
LEAST_K = Law("smallest K", "every K from min_k on is taken", _least_k)
SYMMETRIC = Law("symmetric", "the order of the weights does not matter", _symmetric, _not_symmetric)
GRADIENTS = Law("gradient", "the gradient sums to one and is never NaN", _gradients, _without_gradient)
NESTED = Law("measured as itself", "a study gives the reducer's own values", _nested, unusable)
LAWS = (DECLARED, LEAST_K, SYMMETRIC, GRADIENTS, NESTED)
