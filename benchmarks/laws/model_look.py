"""The look that a run takes at a model and at a sampler on it before anything is measured, as laws."""

from __future__ import annotations

from evidence_bench.benchmarks.laws.cases import Case
from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.model_subject import ModelSubject
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject
from evidence_bench.benchmarks.looking import Seen, look_at_model, look_at_sampler

_POINTS = 8


def _look(subject: ModelSubject) -> Outcome:
    """The same value twice, for a row alone and in its batch, for one draw and among many; finite."""
    x = Case(subject.name, subject.model).points(_POINTS)
    return _outcome(look_at_model(subject.name, subject.model, x))


def _look_at_sampler(subject: SamplerSubject) -> Outcome:
    """The same on each model that the sampler is tried on."""

    def of_one(case: Case) -> Outcome:
        x, k = case.points(_POINTS), subject.k
        return _outcome(look_at_sampler(subject.name, subject.sampler, case.model, x, k))

    return subject.over_cases(of_one)


def _outcome(seen: Seen) -> Outcome:
    if seen.findings:
        return fails(" ".join(seen.findings))
    return holds(" ".join(seen.notes) or f"nothing was found with {seen.evaluations} evaluations.")


LOOK = Law("look", "it is a function of its arguments, row by row and draw by draw", _look)
SAMPLER_LOOK = Law("look", "its weights are the model's, row by row and draw by draw", _look_at_sampler)
