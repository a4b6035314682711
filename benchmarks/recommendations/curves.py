"""The curves of a run: error against cost of each estimator on each model. Does not import torch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from evidence_bench.benchmarks.recommendations.budget import EVALUATIONS, Budget
from evidence_bench.benchmarks.recommendations.timed import Timed, clocks_of
from evidence_bench.benchmarks.record.cell_arrays import errors_in
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.bought import loss_at
from evidence_bench.benchmarks.statistics.clocks import Bought, Clock, within_evaluations
from evidence_bench.benchmarks.statistics.curve_point import At
from evidence_bench.benchmarks.statistics.curves import Curve
from evidence_bench.benchmarks.statistics.losses import Loss, mean_loss, point_loss


@dataclass(frozen=True)
class EstimatorCurve:
    """One estimator on one model; ``seconds`` [n] a point, NaN where not timed; no ``clock`` where none was.

    ``point``: the error of one estimate of one point; ``mean``: that of the mean over the data points.
    """

    name: str
    evaluations: Array
    seconds: Array
    clock: Clock | None
    point: Curve
    mean: Curve

    def at(self, budget: Budget, *, of_mean: bool = False) -> At | None:
        """The loss that the budget buys; None where the budget is a time and nothing was timed."""
        bought = self._buys(budget)
        if bought is None:
            return None
        return loss_at(self.mean if of_mean else self.point, bought)

    def largest(self, kind: str) -> float:
        """The cost of the largest K: evaluations, or seconds; NaN where not timed."""
        costs = self.evaluations if kind == EVALUATIONS else self.seconds
        return float(costs[-1])

    def smallest(self, kind: str) -> float:
        """The cost of the smallest K."""
        costs = self.evaluations if kind == EVALUATIONS else self.seconds
        return float(costs[0])

    def _buys(self, budget: Budget) -> Bought | None:
        if budget.kind == EVALUATIONS:
            return within_evaluations(np.asarray(self.point.ks), self.evaluations, budget.value)
        return None if self.clock is None else self.clock.within(budget.value)


@dataclass(frozen=True)
class ModelCurves:
    """All estimators of a model that have an error to compare, on its B points.

    ``times_scatter``: the error of the typical cell's log seconds, NaN where nothing was timed.
    """

    model: str
    points: int
    estimators: tuple[EstimatorCurve, ...]
    times_scatter: float = math.nan

    def at(self, budget: Budget, *, of_mean: bool = False) -> dict[str, At]:
        """Where each estimator stands at equal cost."""
        found = {one.name: one.at(budget, of_mean=of_mean) for one in self.estimators}
        return {name: at for name, at in found.items() if at is not None}


def curves_of(stored: Iterable[StoredCell]) -> list[ModelCurves]:
    """By model, in the order of the cells. Cells without a finite error and two replicates are left out."""
    models: dict[str, dict[str, list[StoredCell]]] = {}
    for one in stored:
        by_estimator = models.setdefault(one.cell.model, {})
        by_estimator.setdefault(one.cell.estimator, []).extend([one] if _usable(one) else [])
    return [_of_model(model, by_estimator) for model, by_estimator in models.items()]


def _usable(stored: StoredCell) -> bool:
    arrays = stored.arrays
    finite = np.isfinite(arrays["estimates"]).all() and np.isfinite(arrays["reference"]).all()
    return bool(finite and len(arrays["estimates"]) > 1)


def _of_model(model: str, by_estimator: dict[str, list[StoredCell]]) -> ModelCurves:
    points = max(
        (c.arrays["estimates"].shape[1] for cells in by_estimator.values() for c in cells), default=0
    )
    curves = [_of_estimator(name, cells, points) for name, cells in by_estimator.items()]
    timed = clocks_of({name: _timings(cells, points) for name, cells in by_estimator.items()})
    found = [replace(curve, clock=timed.clocks.get(curve.name)) for curve in curves if curve is not None]
    return ModelCurves(model, points, tuple(found), timed.typical)


def _of_estimator(name: str, cells: list[StoredCell], points: int) -> EstimatorCurve | None:
    losses = [(one, *_losses(one)) for one in sorted(cells, key=lambda one: one.cell.k)]
    kept = [(one, point, mean) for one, point, mean in losses if point.value > 0 and mean.value > 0]
    if not kept:
        return None
    ks = tuple(float(one.cell.k) for one, _, _ in kept)
    order = kept[0][0].facts["bias_order"]
    return EstimatorCurve(
        name,
        np.array([one.facts["evaluations"] for one, _, _ in kept], dtype=np.float64),
        np.array([one.timing["seconds"] / points if one.timing else math.nan for one, _, _ in kept]),
        None,
        Curve(ks, tuple(point for _, point, _ in kept), order),
        Curve(ks, tuple(mean for _, _, mean in kept), order),
    )


def _timings(cells: list[StoredCell], points: int) -> list[Timed]:
    found = sorted(cells, key=lambda one: one.cell.k)
    return [Timed.of(one.cell.k, one.timing, points) for one in found if one.timing is not None]


def _losses(stored: StoredCell) -> tuple[Loss, Loss]:
    plain, best = (errors_in(stored, controlled=controlled) for controlled in (False, True))
    return point_loss(plain.errors, plain.known_to), mean_loss(plain.errors, best.errors, best.known_to)
