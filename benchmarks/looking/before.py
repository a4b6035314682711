"""What of a study is looked at before it is measured, and what its cells are told."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.looking.data import faults_of_data
from evidence_bench.benchmarks.looking.model import DRAWS, generator_of, look_at_model, rows_to_compare
from evidence_bench.benchmarks.looking.proposal import faults_of_proposal
from evidence_bench.benchmarks.looking.reducer import look_at_reducer
from evidence_bench.benchmarks.looking.sampler import look_at_sampler
from evidence_bench.benchmarks.looking.seen import LEFT_OUT, Seen
from evidence_bench.benchmarks.looking.watched import Watched
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.estimators.base import Estimator, Sampler
from evidence_bench.estimators.function import is_built_in
from evidence_bench.estimators.samplers.prior import FromPrior
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadModel, NotApplicable

MEASURE_ALL_THE_SAME = "--no-check measures all the same."


@dataclass
class Looks:
    """The looks of one run; ``record`` is their part of provenance.json, by model.

    Built-in samplers and reducers are held to their laws by tests and not looked at. ``wanted`` False:
    nothing is, and the record says so.
    """

    estimators: Mapping[str, Estimator]
    wanted: bool
    record: dict[str, Any]
    _reducers: dict[str, str] = field(default_factory=dict)

    def of_model(self, name: str, model: Model, x: Tensor) -> list[str]:
        """What was noticed of a model without harm; BadModel where its cells are not to be measured."""
        self.record[name] = LEFT_OUT
        if not self.wanted:
            return []
        seen = look_at_model(name, model, x)
        seen.findings += faults_of_data(name, model, x)
        self.record[name] = seen.to_json()
        if seen.findings:
            raise BadModel(" ".join([*seen.findings, MEASURE_ALL_THE_SAME]))
        return seen.notes

    def of_estimators(self, name: str, model: Model, x: Tensor, cells: Iterable[Cell]) -> dict[str, str]:
        """By estimator, why its cells on this model, which was found right, are not to be measured."""
        if not self.wanted:
            return {}
        start, evaluations, found = time.perf_counter(), 0, {}
        least = {cell.estimator: cell.k for cell in sorted(cells, key=lambda cell: -cell.k)}
        for of, k in least.items():
            seen = self._of_estimator(self.estimators[of], Watched(name, model), x, k)
            evaluations += seen.evaluations
            if seen.findings:
                found[of] = " ".join([*seen.findings, MEASURE_ALL_THE_SAME])
        record = self.record[name]
        record["estimators"] = found
        record["evaluations"] += evaluations
        record["seconds"] = round(record["seconds"] + time.perf_counter() - start, 4)
        return found

    def _of_estimator(self, estimator: Estimator, watched: Watched, x: Tensor, k: int) -> Seen:
        if estimator.name not in self._reducers:
            self._reducers[estimator.name] = _of_reducer(estimator, k)
        if self._reducers[estimator.name]:
            return Seen([self._reducers[estimator.name]])
        if not is_built_in(estimator.sampler):
            return look_at_sampler(estimator.name, estimator.sampler, watched.model, x, k)
        return Seen(_of_prior(estimator.sampler, watched, x))


def _of_reducer(estimator: Estimator, k: int) -> str:
    if is_built_in(estimator.reducer):
        return ""
    return " ".join(look_at_reducer(estimator.name, estimator.reducer, k).findings)


def _of_prior(sampler: Sampler, watched: Watched, x: Tensor) -> list[str]:
    """What is wrong with the model's prior, which only this sampler draws from."""
    if not isinstance(sampler, FromPrior):
        return []
    rows = rows_to_compare(x)
    try:
        with torch.no_grad():
            e = watched.noise(watched.prior(rows), DRAWS, generator_of(rows, DRAWS), len(rows), "prior")
            return faults_of_proposal(watched, rows, e, "prior")
    except BadModel as error:
        return [str(error)]
    except NotApplicable:  # it has none, as the measurement says
        return []
