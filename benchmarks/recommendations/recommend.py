"""Which estimator to take at a budget, with which K, and what error to expect. Does not import torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evidence_bench.benchmarks.recommendations.budget import EVALUATIONS, SECONDS, Budget
from evidence_bench.benchmarks.recommendations.curves import ModelCurves
from evidence_bench.benchmarks.statistics.arrays import Interval
from evidence_bench.benchmarks.statistics.curve_point import At, How
from evidence_bench.benchmarks.statistics.ranking import Ranking, Verdict, rank, rmse_interval

MOST_TIMES = 3  # budgets of time that are shown unasked


@dataclass(frozen=True)
class Choice:
    """An estimator with the K that the budget buys and the error to expect: RMSE in nats, 95% interval.

    ``beyond``: that K is above the last measured one.
    """

    estimator: str
    k: int
    rmse: Interval
    how: How
    beyond: bool = False

    @property
    def measured(self) -> bool:
        """Whether nothing beyond the grid had to be supposed."""
        return self.how in (How.MEASURED, How.BETWEEN)


@dataclass(frozen=True)
class Recommendation:
    """On one model at one budget: the verdict, the best first and what may be as good, and why it is open.

    ``of_mean`` says that the error is that of the mean over the data points, not of one point.
    """

    model: str
    budget: Budget
    verdict: Verdict
    choices: tuple[Choice, ...]
    why: str
    of_mean: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The estimators to take one of."""
        return tuple(choice.estimator for choice in self.choices)


def recommend(curves: ModelCurves, budget: Budget) -> Recommendation:
    """For one estimate of one point."""
    return _recommend(curves, budget, of_mean=False)


def recommend_for_mean(curves: ModelCurves, budget: Budget) -> Recommendation | None:
    """For the mean over the points, where another is the best for sure; None where that is not so.

    There the bias counts B times more, since it does not average out.
    """
    of_point, of_mean = (_recommend(curves, budget, of_mean=which) for which in (False, True))
    other = of_mean.verdict is Verdict.BEST and of_mean.names[:1] != of_point.names[:1]
    return of_mean if other and curves.points > 1 else None


def usual_budgets(curves: ModelCurves) -> tuple[Budget, ...]:
    """What is shown unasked: the most evaluations that all reached, and a few powers of ten of seconds.

    Times go from where two estimators can be paid to the first power of ten that pays every measured cell.
    """
    if not curves.estimators:
        return ()
    found = [Budget(EVALUATIONS, min(one.largest(EVALUATIONS) for one in curves.estimators))]
    ends = [(one.smallest(SECONDS), one.largest(SECONDS)) for one in curves.estimators]
    timed = [(first, last) for first, last in ends if math.isfinite(first + last)]
    if timed:
        first = sorted(first for first, _ in timed)[min(1, len(timed) - 1)]
        low, high = _power(first), _power(max(last for _, last in timed))
        powers = range(max(low, high - MOST_TIMES + 1), high + 1)
        found += [Budget(SECONDS, 10.0**power) for power in powers]
    return tuple(found)


def _power(seconds: float) -> int:
    """The first power of ten that pays for it."""
    return math.ceil(math.log10(seconds) - 1e-9)


def _recommend(curves: ModelCurves, budget: Budget, *, of_mean: bool) -> Recommendation:
    places = curves.at(budget, of_mean=of_mean)
    ranking = rank(places)
    names = ranking.order[:1] + ranking.near
    choices = tuple(_choice(name, places[name]) for name in names)
    why = ranking.why or _why_nothing(curves, budget, ranking)
    return Recommendation(curves.model, budget, ranking.verdict, choices, why, of_mean)


def _choice(name: str, at: At) -> Choice:
    return Choice(name, int(at.k * (1 + 1e-9)), rmse_interval(at), at.how, at.beyond)


def _why_nothing(curves: ModelCurves, budget: Budget, ranking: Ranking) -> str:
    """Why there is nothing to choose from, "" where there is."""
    if ranking.order or ranking.untimed:
        return ""
    if not curves.estimators:
        return "no error was measured: that needs a known log p(x), finite estimates and two replicates"
    costs = {one.name: one.smallest(budget.kind) for one in curves.estimators}
    timed = {name: cost for name, cost in costs.items() if math.isfinite(cost)}
    if not timed:
        return "no time was measured"
    cheapest = min(timed, key=lambda name: timed[name])
    return f"the cheapest that was measured is {cheapest} at {Budget(budget.kind, timed[cheapest])}"
