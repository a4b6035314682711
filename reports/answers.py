"""The answer that comes first, for each model: log p(x), which estimator to take, and whether to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evidence_bench.benchmarks.recommendations.budget import Budget
from evidence_bench.benchmarks.recommendations.curves import ModelCurves
from evidence_bench.benchmarks.recommendations.recommend import (
    Choice,
    Recommendation,
    recommend,
    recommend_for_mean,
    usual_budgets,
)
from evidence_bench.benchmarks.record.flags import Level as Gravity
from evidence_bench.benchmarks.record.flags import flags_of
from evidence_bench.benchmarks.statistics.clocks import FARTHEST
from evidence_bench.benchmarks.statistics.curve_point import How
from evidence_bench.benchmarks.statistics.ranking import Verdict
from evidence_bench.reports.levels import Level, levels
from evidence_bench.reports.numbers import interval, number, whole
from evidence_bench.reports.read import Run
from evidence_bench.reports.trust import Trust, trust

EXTRAPOLATED, DOUBTED, BOUND = "†", "‡", "≤"
MOST_CHOICES = 4  # estimators named where the verdict is open
NOTHING = "No estimator can be recommended: that needs a known log p(x), finite estimates and two replicates."
CONTRADICTED = "the model contradicts itself; correct log_joint, proposal or log_evidence and run again"


@dataclass(frozen=True)
class Line:
    """An estimator to take, its K and the error to expect; ``take`` has the verdict in it."""

    take: str
    k: str
    rmse: str
    interval: str


@dataclass(frozen=True)
class Budgeted:
    """What is recommended at a budget: one line for each estimator that may be the best; why it is open.

    ``for_mean`` is a sentence where the mean over the points wants another estimator.
    """

    budget: str
    lines: tuple[Line, ...]
    why: str
    for_mean: str = ""


@dataclass(frozen=True)
class Answer:
    """All that is said of a model first."""

    level: Level
    budgets: tuple[Budgeted, ...]
    trust: Trust

    @property
    def nothing(self) -> str:
        """Why nothing is recommended at all, "" where something is."""
        return "" if self.budgets else NOTHING

    def marked(self, mark: str) -> bool:
        """Whether a line carries the mark."""
        return any(mark in line.k + line.take + line.rmse for one in self.budgets for line in one.lines)


MEANINGS = {
    EXTRAPOLATED: "K is beyond the grid: extrapolated, with an interval that holds the law in 1/K and the "
    f"last measured slope, and to no more than {FARTHEST:.0f} times the last K",
    BOUND: "the upper end of the error of a K that the budget buys for sure; more would only lower it",
    DOUBTED: "something speaks against this figure: see what is said of trust",
}


def marks(found: Sequence[Answer]) -> dict[str, str]:
    """The marks that are used, with their meanings."""
    return {mark: text for mark, text in MEANINGS.items() if any(one.marked(mark) for one in found)}


def answers(run: Run, budgets: Sequence[Budget] = ()) -> list[Answer]:
    """One for each model, at ``budgets`` where any were asked for, else at the usual ones."""
    curves = {one.model: one for one in run.curves}
    return [
        Answer(level, _budgets(run, curves.get(model), budgets), trust(run, level))
        for model, level in levels(run).items()
    ]


def _budgets(run: Run, curves: ModelCurves | None, asked: Sequence[Budget]) -> tuple[Budgeted, ...]:
    if curves is None:
        return ()
    rows = run.results[run.results["model"] == curves.model].to_dict("records")
    return tuple(_budgeted(curves, budget, rows) for budget in tuple(asked) or usual_budgets(curves))


def _budgeted(curves: ModelCurves, budget: Budget, rows: list[dict[str, Any]]) -> Budgeted:
    if any(flag.level is Gravity.WRONG for row in rows for flag in flags_of(row)):
        return Budgeted(budget.short, (), CONTRADICTED)
    found = recommend(curves, budget)
    chosen = [(choice, bool(_against(choice, rows))) for choice in found.choices[:MOST_CHOICES]]
    lines = tuple(_line(choice, i, found, doubted) for i, (choice, doubted) in enumerate(chosen))
    return Budgeted(budget.short, lines, found.why, _for_mean(recommend_for_mean(curves, budget)))


def _against(choice: Choice, rows: list[dict[str, Any]]) -> set[Gravity]:
    """How much speaks against the row of the measured K that is nearest."""
    own = [row for row in rows if row["estimator"] == choice.estimator]
    nearest = min(own, key=lambda row: abs(row["k"] - choice.k), default=None)
    raised = [] if nearest is None else flags_of(nearest)
    return {flag.level for flag in raised if flag.about_error}


def _line(choice: Choice, place: int, found: Recommendation, doubted: bool) -> Line:
    opens = {Verdict.UNDECIDED: "undecided: ", Verdict.ALIKE: "alike: "}.get(found.verdict, "")
    name = f"{'or ' if place else opens}{choice.estimator}{f' {DOUBTED}' if doubted else ''}"
    mark = f" {EXTRAPOLATED}" if choice.beyond else ""
    ends = interval(choice.rmse.low, choice.rmse.high)
    return Line(name, whole(choice.k) + mark, _error(choice, 3, f"{BOUND} "), ends)


def _error(choice: Choice, digits: int, at_most: str) -> str:
    """The error to expect, or, of a K that is bought for sure and may be less than is, its upper end."""
    if choice.how is How.ENDED:
        return at_most + number(choice.rmse.high, digits)
    return number(choice.rmse.value, digits)


def _for_mean(found: Recommendation | None) -> str:
    if found is None:
        return ""
    best = found.choices[0]
    error = f"{_error(best, 2, 'at most ')} nats ({interval(best.rmse.low, best.rmse.high)})"
    return f"For the mean over all the points take {best.estimator}, K = {whole(best.k)}: {error}."
