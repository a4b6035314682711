"""The bound that a reducer declares, against exact expectations."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject, unusable
from evidence_bench.benchmarks.laws.two_points import TwoPoint
from evidence_bench.estimators.base import Bound

WEIGHTS = (
    *(TwoPoint(1.0, ratio, p) for ratio in (3.0, 30.0, 1000.0) for p in (0.01, 0.1, 0.3, 0.5, 0.9)),
    TwoPoint(1e-6, 1.0, 0.5),
)
_KS = (1, 2, 3, 4, 6, 8, 16, 64)
_ROUNDING = 1e-9
_ERRORS = 5.0  # where the order of the weights matters, its part in the expectation is estimated


def _bound(subject: ReducerSubject) -> Outcome:
    """E f(w_1 .. w_K) on its side of log E w, exactly, for every law, every K that is taken.

    Where independent weights are not asked for, also with each weight twice: a bound that does not need
    them holds for those too.
    """
    largest, where = -float("inf"), ""
    for excess, sentence in _excesses(subject):
        if not excess <= largest:
            largest, where = excess, sentence
    if not largest <= _ROUNDING + subject.rounding:
        return fails(where, largest)
    return holds(f"in exact expectations over {len(WEIGHTS)} laws of the weight.", largest)


def _excesses(subject: ReducerSubject) -> Iterator[tuple[float, str]]:
    """How far each expectation is on the wrong side, with its sentence."""
    reducer, symmetric = subject.reducer, _is_symmetric(subject)
    ks = [k for k in _KS if k >= reducer.min_k and subject.takes(k)] or [subject.k]
    for law in WEIGHTS:
        for k in ks:
            for repeats in (1,) if reducer.needs_iid or k % 2 else (1, 2):
                found = law.expected(reducer, k, symmetric=symmetric, repeats=repeats)
                bias = found.mean - law.log_mean
                excess = _wrong_side(bias, reducer.bound) - _ERRORS * found.stderr
                twice = ", each weight twice" if repeats == 2 else ""
                yield (
                    excess,
                    f"declared {reducer.bound}, and its expectation is log p(x) {bias:+.3g} nats at K = {k} "
                    f"where {law}{twice}.",
                )


def _wrong_side(bias: float, bound: Bound) -> float:
    if bound is Bound.LOWER:
        return bias
    return -bias if bound is Bound.UPPER else abs(bias)


def _is_symmetric(subject: ReducerSubject) -> bool:
    """Measured, not declared: what sums over numbers of weights rests on it."""
    from evidence_bench.benchmarks.laws.reducer_declares import SYMMETRIC

    return subject.reducer.symmetric and not SYMMETRIC(subject).fails


def _none(subject: ReducerSubject) -> str:
    declared = subject.reducer.bound is not Bound.NONE
    return unusable(subject) or ("" if declared else "it declares no bound.")


BOUND = Law("bound", "its expectation is on the declared side of log p(x)", _bound, _none)
