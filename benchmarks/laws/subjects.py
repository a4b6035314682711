"""What laws are tried on: the models and the estimators that a request names or a plug-in registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from evidence_bench.benchmarks.laws.cases import Case, small_cases
from evidence_bench.benchmarks.laws.estimator_study import ESTIMATOR_LAWS, EstimatorSubject
from evidence_bench.benchmarks.laws.law import Law, Outcome
from evidence_bench.benchmarks.laws.model_look import LOOK
from evidence_bench.benchmarks.laws.model_subject import ModelSubject
from evidence_bench.benchmarks.laws.models import MODEL_LAWS
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject
from evidence_bench.benchmarks.laws.reducers import REDUCER_LAWS
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject
from evidence_bench.benchmarks.laws.samplers import SAMPLER_LAWS
from evidence_bench.benchmarks.laws.small_study import Studies
from evidence_bench.benchmarks.study.plugins import Bench
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.estimators.catalogue import catalogue as shipped_estimators
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.catalogue import catalogue as shipped_models
from evidence_bench.models.errors import BadOption

S = TypeVar("S")
_BUILT_IN = ("evidence_bench.estimators.samplers.", "evidence_bench.estimators.reducers.")


@dataclass(frozen=True)
class Tried:
    """The outcome of one law on one subject."""

    kind: str
    subject: str
    law: str
    about: str
    outcome: Outcome


@dataclass(frozen=True)
class Subjects:
    """Models and estimators to be held to the laws; ``named`` are the estimators asked for by name."""

    models: tuple[Case, ...]
    estimators: tuple[Estimator, ...]
    named: frozenset[str]

    @staticmethod
    def of(bench: Bench, models: Sequence[str], estimators: Sequence[str]) -> Subjects:
        """All that plug-ins registered, and what is named. BadOption where that is nothing."""
        own_models = [name for name in bench.models if name not in shipped_models()]
        own_estimators = [name for name in bench.estimators if name not in shipped_estimators()]
        cases = [Case(*build_model(text, bench.models)) for text in dict.fromkeys([*own_models, *models])]
        asked = [build_estimator(text, bench.estimators) for text in estimators]
        named = frozenset(estimator.name for estimator in asked)
        own = [build_estimator(name, bench.estimators) for name in own_estimators if name not in named]
        built = (*own, *asked)
        if not cases and not built:
            raise BadOption(
                "There is nothing to check: give the path of a plug-in that registers an estimator or a "
                "model, or names with --models or --estimators."
            )
        return Subjects(tuple(cases), built, named)

    def tried(self) -> Iterator[Tried]:
        """Every law on everything that it is about, one after the other."""
        for case in self.models:
            yield from _of_model(ModelSubject(case.name, case.model))
        cases = (*small_cases(), *self.models) if self.estimators else ()
        studies = Studies()
        for estimator in self.estimators:
            yield from self._of_estimator(estimator, cases, studies)

    def _of_estimator(
        self, estimator: Estimator, cases: tuple[Case, ...], studies: Studies
    ) -> Iterator[Tried]:
        """Its two halves, built-in ones only where the estimator was named, then both together."""
        name = estimator.name
        if self._is_asked(estimator, estimator.reducer):
            yield from _tried("reducer", name, REDUCER_LAWS, ReducerSubject(name, estimator.reducer))
        if self._is_asked(estimator, estimator.sampler):
            yield from _tried("sampler", name, SAMPLER_LAWS, SamplerSubject(name, estimator.sampler, cases))
        subject = EstimatorSubject(name, estimator, cases, studies)
        yield from _tried("estimator", name, ESTIMATOR_LAWS, subject)

    def _is_asked(self, estimator: Estimator, half: object) -> bool:
        return estimator.name in self.named or not type(half).__module__.startswith(_BUILT_IN)


def _of_model(subject: ModelSubject) -> Iterator[Tried]:
    """All laws, or the look alone where that fails: the others suppose that the model is a function."""
    for tried in _tried("model", subject.name, MODEL_LAWS, subject):
        yield tried
        if tried.law == LOOK.name and tried.outcome.fails:
            return


def _tried(kind: str, name: str, laws: Sequence[Law[S]], subject: S) -> Iterator[Tried]:
    for law in laws:
        yield Tried(kind, name, law.name, law.about, law(subject))
