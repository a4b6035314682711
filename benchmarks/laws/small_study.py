"""Studies in memory: an estimator on small models, measured and judged by the code that measures a run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from evidence_bench.benchmarks.laws.cases import Case
from evidence_bench.benchmarks.measuring.measurement import Failure, measure, plan_draws
from evidence_bench.benchmarks.measuring.subject import Subject, load_subject
from evidence_bench.benchmarks.record.results import result_row
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.function import always
from evidence_bench.models.catalogue import Entry
from evidence_bench.models.errors import BadWeights, NotApplicable

POINTS = 8
Row = dict[str, Any]


@dataclass(frozen=True)
class Studies:
    """Rows of results, each measured once; and models, some of which know p(x) by quadrature."""

    _subjects: dict[str, Subject] = field(default_factory=dict)
    _rows: dict[tuple[str, str, int], Row] = field(default_factory=dict)

    def row(self, estimator: Estimator, case: Case, k: int, replicates: int) -> Row:
        """The row of one cell. Raises NotApplicable, or BadWeights with what went wrong."""
        key = (estimator.name, case.name, k)
        if key not in self._rows:
            self._rows[key] = self._measured(estimator, case, k, replicates)
        return self._rows[key]

    def _measured(self, estimator: Estimator, case: Case, k: int, replicates: int) -> Row:
        points = len(case.points(POINTS))
        settings = Settings((case.name,), (estimator.name,), (k,), replicates, points, reference="none")
        subject = self._subject(case, settings)
        cell = Cell(subject.name, estimator.name, k)
        for draw in plan_draws([(cell, estimator)], subject, [k]):
            for outcome in measure(draw, settings):
                if isinstance(outcome, Failure):
                    raise (BadWeights if outcome.applicable else NotApplicable)(outcome.reason)
                return result_row(StoredCell(outcome.cell, outcome.facts, outcome.arrays, None))
        raise NotApplicable("nothing was measured.")

    def _subject(self, case: Case, settings: Settings) -> Subject:
        if case.name not in self._subjects:
            known = {"case": Entry("case", always(case.model), "")}
            subject = load_subject("case", settings, known, case.name)
            self._subjects[case.name] = replace(subject, key=case.name)
        return self._subjects[case.name]
