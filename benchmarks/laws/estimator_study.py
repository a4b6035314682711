"""Laws of an estimator that only its draws can show, tried on small models by a study of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from evidence_bench.benchmarks.laws.cases import CORRELATED, Case, draws
from evidence_bench.benchmarks.laws.law import Law, Outcome, Says, fails, holds, joined, silent, undecided
from evidence_bench.benchmarks.laws.means import TOO_FAR, averages_to_one
from evidence_bench.benchmarks.laws.small_study import Row, Studies
from evidence_bench.benchmarks.record.plus_minus import plus_minus
from evidence_bench.estimators.base import Bound, Estimator, Identity
from evidence_bench.models.base import Tractable
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import keyed_generator

_REPLICATES_IID, _REPLICATES = 200, 60
_ROWS, _DRAWS = 400, 64
_SAYS = {"holds": Says.HOLDS, "contradicts": Says.FAILS, "undecided": Says.UNDECIDED}


@dataclass(frozen=True)
class EstimatorSubject:
    """An estimator and the models that it is tried on; ``studies`` keep what is measured for other laws."""

    name: str
    estimator: Estimator
    cases: tuple[Case, ...]
    studies: Studies = field(default_factory=Studies)

    @property
    def k(self) -> int:
        """64, or twice the smallest K where that is not far below."""
        return max(64, 2 * self.estimator.min_k)

    def row(self, case: Case) -> Row:
        """The row of results on a model that knows log p(x)."""
        replicates = _REPLICATES_IID if self.estimator.sampler.iid else _REPLICATES
        return self.studies.row(self.estimator, case, self.k, replicates)

    def over_cases(self, of_row: Callable[[Row], Outcome]) -> Outcome:
        """One outcome from those on the models with a known evidence where the estimator applies."""
        outcomes = []
        for case in self.cases:
            if not isinstance(case.model, Tractable):
                continue
            try:
                outcomes.append((case.name, of_row(self.row(case))))
            except NotApplicable as error:
                outcomes.append((case.name, silent(str(error))))
        return joined(outcomes)


def _mean(subject: EstimatorSubject) -> Outcome:
    """E mean(w) = p(x), judged as a run judges it (benchmarks/statistics/consistency.py)."""

    def of_row(row: Row) -> Outcome:
        ratio = plus_minus(row["weight_ratio"], row["weight_ratio_stderr"])
        said = f"the mean weight is {ratio} times p(x)"
        off = float(row["weight_ratio"]) - 1
        if row["weight_check"] == "fails":
            return fails(f"{said}.", off)
        return holds(f"{said}.", off) if row["weight_check"] == "passes" else undecided(f"{said}.", off)

    if subject.estimator.sampler.identity is Identity.RECIPROCAL:
        return joined((case.name, _reciprocal(subject, case)) for case in subject.cases)
    return subject.over_cases(of_row)


def _reciprocal(subject: EstimatorSubject, case: Case) -> Outcome:
    """E mean(1/w) = 1/p(x)."""
    model, x = case.model, case.points(_ROWS)
    if not isinstance(model, Tractable):
        return silent("it does not know log p(x).")
    with torch.no_grad():
        log_w = subject.estimator.sampler(case.model, x, subject.k, keyed_generator(("1/p",))).log_w
    log_ratio = torch.logsumexp(-log_w, -1) - math.log(log_w.shape[-1]) + model.log_evidence(x)
    return averages_to_one(log_ratio, "the mean of p(x)/w")


def _no_identity(subject: EstimatorSubject) -> str:
    sampler = subject.estimator.sampler
    return "" if sampler.identity is not Identity.NONE else f"it claims no mean: {sampler.breaks}."


def _bound(subject: EstimatorSubject) -> Outcome:
    def of_row(row: Row) -> Outcome:
        excess = plus_minus(row["bound_excess"], row["bound_excess_stderr"])
        sign = "+" if row["bound_excess"] > 0 else ""
        verb = "contradicts" if row["bound_check"] == "contradicts" else "is a"
        said = f"{verb} {subject.estimator.bound}: {sign}{excess} nats at K = {row['k']}"
        return _outcome(row["bound_check"], said, row["bound_excess"], row["bound_excess_stderr"])

    return subject.over_cases(of_row)


def _no_bound(subject: EstimatorSubject) -> str:
    return "" if subject.estimator.bound is not Bound.NONE else "it declares no bound."


def _iid(subject: EstimatorSubject) -> Outcome:
    """The variance of the mean of K weights is that of one over K, and late weights are as early ones."""

    def of_row(row: Row) -> Outcome:
        ratio = plus_minus(row["iid_ratio"], row["iid_ratio_stderr"])
        said = f"the variance of a mean of weights is {ratio} times that of independent ones"
        return _outcome(row["iid_check"], said, row["iid_ratio"] - 1, row["iid_ratio_stderr"])

    independent, same = subject.over_cases(of_row), _identical(subject)
    return same if same.fails else independent


def _identical(subject: EstimatorSubject) -> Outcome:
    """The first half of the weights against the second, made bounded: mean and mean square, 5 errors."""
    x = CORRELATED.points(_ROWS)
    try:
        with torch.no_grad():
            log_w = subject.estimator.sampler(CORRELATED.model, x, _DRAWS, draws(_ROWS, _DRAWS)).log_w
    except NotApplicable as error:
        return silent(str(error))
    v = torch.sigmoid(log_w - log_w.median())
    for power, name in ((1, "mean"), (2, "mean square")):
        apart = (v**power)[:, : _DRAWS // 2].mean(-1) - (v**power)[:, _DRAWS // 2 :].mean(-1)
        stderr = float(apart.std()) / _ROWS**0.5
        if abs(float(apart.mean())) > TOO_FAR * stderr + 1e-9:
            errors = abs(float(apart.mean())) / stderr if stderr else float("inf")
            return fails(
                f"the first half of the weights has another {name} than the second, by {errors:.0f} errors."
            )
    return holds("early and late weights are alike.")


def _not_iid(subject: EstimatorSubject) -> str:
    return "" if subject.estimator.sampler.iid else "it does not declare its weights iid."


def _outcome(check: str, said: str, figure: float, stderr: float) -> Outcome:
    if check not in _SAYS:
        return silent(f"{said}: nothing to tell it by.")
    return Outcome(_SAYS[check], f"{said}.", figure, stderr)


MEAN = Law("mean weight", "the mean weight is p(x)", _mean, _no_identity)
IID = Law("iid", "weights are independent and alike", _iid, _not_iid)
BOUND = Law("bound on models", "the mean estimate is on the declared side of log p(x)", _bound, _no_bound)
ESTIMATOR_LAWS: tuple[Law[EstimatorSubject], ...] = (MEAN, IID, BOUND)
