"""The curves of a run: error against cost of each estimator on each model. Does not import torch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from evidence_bench.benchmarks.budget import EVALUATIONS, Budget
from evidence_bench.benchmarks.cell_arrays import errors_in
from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.clocks import Bought, scatter, within_evaluations, within_seconds
from evidence_bench.benchmarks.statistics.curve_point import At, How
from evidence_bench.benchmarks.statistics.curves import Curve
from evidence_bench.benchmarks.statistics.losses import Loss, mean_loss, point_loss
from evidence_bench.benchmarks.store import StoredCell


@dataclass(frozen=True)
class EstimatorCurve:
    """One estimator on one model; ``seconds`` [n] a point and their ``log_stderr``, NaN where not timed.

    ``point``: the error of one estimate of one point; ``mean``: that of the mean over the data points.
    """

    name: str
    evaluations: Array
    seconds: Array
    log_stderr: Array
    point: Curve
    mean: Curve

    def at(self, budget: Budget, *, of_mean: bool = False) -> At | None:
        """The loss that the budget buys; None where the budget is a time and nothing was timed."""
        bought = self._buys(budget)
        if bought is None:
            return None
        curve = self.mean if of_mean else self.point
        at = curve.at(math.floor(bought.k * (1 + 1e-9)))
        if not bought.known:
            return replace(at, how=How.ENDED)
        slope = -1.0 if math.isnan(at.slope) else at.slope
        return at if at.how is How.ENDED else replace(at, variance=(slope * bought.log_stderr) ** 2)

    def largest(self, kind: str) -> float:
        """The cost of the largest K: evaluations, or seconds; NaN where not timed."""
        costs = self.evaluations if kind == EVALUATIONS else self.seconds
        return float(costs[-1])

    def smallest(self, kind: str) -> float:
        """The cost of the smallest K."""
        costs = self.evaluations if kind == EVALUATIONS else self.seconds
        return float(costs[0])

    def _buys(self, budget: Budget) -> Bought | None:
        ks = np.asarray(self.point.ks)
        if budget.kind == EVALUATIONS:
            return within_evaluations(ks, self.evaluations, budget.value)
        timed = np.isfinite(self.seconds)
        if not timed.any():
            return None
        return within_seconds(ks[timed], self.seconds[timed], self.log_stderr[timed], budget.value)


@dataclass(frozen=True)
class ModelCurves:
    """All estimators of a model that have an error to compare, on its B points."""

    model: str
    points: int
    estimators: tuple[EstimatorCurve, ...]

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
    return ModelCurves(model, points, _with_scatter([curve for curve in curves if curve is not None]))


def _of_estimator(name: str, cells: list[StoredCell], points: int) -> EstimatorCurve | None:
    losses = [(one, *_losses(one)) for one in sorted(cells, key=lambda one: one.cell.k)]
    kept = [(one, point, mean) for one, point, mean in losses if point.value > 0 and mean.value > 0]
    if not kept:
        return None
    ks = tuple(float(one.cell.k) for one, _, _ in kept)
    order = kept[0][0].facts["bias_order"]
    seconds, log_stderr = np.array([_seconds(one, points) for one, _, _ in kept]).T
    return EstimatorCurve(
        name,
        np.array([one.facts["evaluations"] for one, _, _ in kept], dtype=np.float64),
        seconds,
        log_stderr,
        Curve(ks, tuple(point for _, point, _ in kept), order),
        Curve(ks, tuple(mean for _, _, mean in kept), order),
    )


def _with_scatter(curves: list[EstimatorCurve]) -> tuple[EstimatorCurve, ...]:
    """No time is known better than their median says, nor than the cells of the model scatter about lines."""
    squares, degrees = np.sum([_scatter(curve) for curve in curves] or [(0.0, 0)], axis=0)
    own = np.concatenate([curve.log_stderr for curve in curves] or [np.empty(0)])
    typical = float(np.median(own[np.isfinite(own)])) if np.isfinite(own).any() else 0.0
    floor = max(typical, math.sqrt(squares / degrees) if degrees else 0.0)
    return tuple(replace(curve, log_stderr=np.maximum(curve.log_stderr, floor)) for curve in curves)


def _scatter(curve: EstimatorCurve) -> tuple[float, int]:
    timed = np.isfinite(curve.seconds)
    return scatter(np.asarray(curve.point.ks)[timed], curve.seconds[timed])


def _losses(stored: StoredCell) -> tuple[Loss, Loss]:
    plain, best = (errors_in(stored, controlled=controlled) for controlled in (False, True))
    return point_loss(plain.errors, plain.known_to), mean_loss(plain.errors, best.errors, best.known_to)


def _seconds(stored: StoredCell, points: int) -> tuple[float, float]:
    """(seconds a point, standard error of their log)."""
    timing = stored.timing
    if timing is None:
        return math.nan, math.nan
    return timing["seconds"] / points, timing["seconds_stderr"] / timing["seconds"]
