"""Every law of a reducer, in the order in which they are told."""

from __future__ import annotations

from evidence_bench.benchmarks.laws import reducer_declares, reducer_order, reducer_values
from evidence_bench.benchmarks.laws.law import Law
from evidence_bench.benchmarks.laws.reducer_bound import BOUND
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject

REDUCER_LAWS: tuple[Law[ReducerSubject], ...] = (
    *reducer_declares.LAWS,
    *reducer_values.LAWS,
    BOUND,
    *reducer_order.LAWS,
)
