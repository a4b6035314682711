"""All statistical columns of one cell, by the names of the table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Quantity, as_estimates
from evidence_bench.benchmarks.statistics.columns import bias, columns, errors_of, n_not_finite
from evidence_bench.benchmarks.statistics.consistency import WeightCheck, weight_check
from evidence_bench.benchmarks.statistics.controls import best_errors
from evidence_bench.benchmarks.statistics.expansions import (
    Series,
    predicted_bias,
    predicted_variance,
    series_of,
)
from evidence_bench.benchmarks.statistics.losses import mean_loss
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.benchmarks.statistics.moments import WeightMoments
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.benchmarks.statistics.regime import points_in_regime
from evidence_bench.benchmarks.statistics.verdict import judge_bias, judge_variance

NOT_MEASURED = Quantity(np.nan, np.nan)


@dataclass(frozen=True)
class CellArrays:
    """The raw arrays of one cell: estimates [R, B], log_evidence and its stderr [B], log_mean_ratio [R, B]
    or None.

    ``log_mean_ratio`` is log(mean(w)/p), in nats, of the very same draws, where p is exact and the
    sampler draws iid weights that average to p. ``expansion`` and ``order`` (the jackknife's m) are what
    the reducer declares; "none" for a sampler whose weights are not iid with mean p.
    """

    k: int
    estimates: ArrayLike
    log_evidence: ArrayLike
    reference_stderr: ArrayLike | ReferenceStderr = 0.0
    log_mean_ratio: ArrayLike | None = None
    moments: WeightMoments | None = None
    expansion: str = "none"
    order: int = 0
    rounding: float = 0.0  # nats, of an estimate


def checked(cell: CellArrays) -> tuple[WeightCheck, MeasuredErrors | None]:
    """Whether the mean weight is p(x), and the controlled errors if so: None where no point is controlled.

    Where it is not, the controls have another mean than the one they are given.
    """
    check = weight_check(cell.log_mean_ratio, cell.k, cell.moments, cell.reference_stderr)
    if check.fails:
        return check, None
    errors, known = errors_of(cell.estimates, cell.log_evidence), (cell.log_mean_ratio, cell.k, cell.moments)
    return check, best_errors(errors, *known, cell.expansion, cell.reference_stderr)


def statistics_row(cell: CellArrays) -> dict[str, float | int | str]:
    """bias, bias_controlled, variance, rmse with their stderrs, predictions, verdicts, n_not_finite."""
    if not np.isfinite(cell.log_evidence).all():
        return _without_truth(cell)
    plain = columns(cell.estimates, cell.log_evidence, cell.reference_stderr)
    over_points = plain.bias_over_points
    errors = errors_of(cell.estimates, cell.log_evidence)
    check, controlled = checked(cell)
    best = controlled or MeasuredErrors.plain(errors, cell.reference_stderr)
    law = cell.k, cell.moments, cell.expansion
    of_variance = judge_variance(errors, *law, order=cell.order, rounding=cell.rounding)
    of_bias = judge_bias(
        best.errors,
        *law,
        order=cell.order,
        reference_stderr=best.known_to,
        rounding=cell.rounding,
    )
    return {
        **_figure("bias", plain.bias),
        "bias_stderr_points": over_points.stderr,
        "bias_low_points": over_points.low,
        "bias_high_points": over_points.high,
        **_figure("bias_controlled", bias(best.errors, best.known_to) if controlled else NOT_MEASURED),
        **_figure("variance", plain.variance),
        **_figure("rmse", plain.rmse),
        **_of_mean(errors, best),
        "weight_ratio": check.ratio.value,
        "weight_ratio_stderr": check.ratio.stderr,
        "weight_gap": check.gap.value,
        "weight_gap_stderr": check.gap.stderr,
        "weight_check": check.verdict,
        **_predictions(cell),
        "verdict": str(of_variance.verdict),
        "verdict_ratio": of_variance.ratio.value,
        "verdict_low": of_variance.ratio.low,
        "verdict_high": of_variance.ratio.high,
        "verdict_bias": str(of_bias.verdict),
        "n_not_finite": plain.n_not_finite,
    }


def _figure(name: str, figure: Quantity) -> dict[str, float]:
    """A figure's columns: value, standard error, and the ends of its 95% interval."""
    values = {"": figure.value, "_stderr": figure.stderr, "_low": figure.low, "_high": figure.high}
    return {f"{name}{end}": value for end, value in values.items()}


def _of_mean(errors: Array, best: MeasuredErrors) -> dict[str, float]:
    """The RMSE of the mean over the points, from the figure of the bias that has less noise."""
    if len(errors) < 2 or n_not_finite(errors):
        value = np.inf if n_not_finite(errors) else np.nan
        return {"rmse_mean": value, "rmse_mean_stderr": np.nan}
    loss = mean_loss(errors, best.errors, best.known_to)
    rmse = np.sqrt(loss.spread + max(loss.offset, 0.0))
    stderr = loss.stderr / (2 * rmse) if rmse > 0 else 0.0
    return {"rmse_mean": float(rmse), "rmse_mean_stderr": float(stderr)}


def _without_truth(cell: CellArrays) -> dict[str, float | int | str]:
    """Where log p(x) is not known: the variance and what is said of it; the rest is NaN."""
    estimates = as_estimates(cell.estimates)
    found = statistics_row(replace(cell, log_evidence=_centres(estimates), log_mean_ratio=None))
    lost = [name for name in found if name.startswith(("bias", "rmse"))]
    return found | dict.fromkeys(lost, np.nan) | {"verdict_bias": ""}


def _centres(estimates: Array) -> Array:
    """The mean over replicates of each point, 0 where it is not finite: errors about it keep their digits."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nan_to_num(estimates.mean(axis=0), nan=0.0, posinf=0.0, neginf=0.0))


def _predictions(cell: CellArrays) -> dict[str, float]:
    """Mean over points of the series for bias and variance, and the share of points where they hold."""
    moments = cell.moments
    if moments is None or series_of(cell.expansion, cell.order) is Series.NONE:
        return dict.fromkeys(("in_regime", "predicted_bias", "predicted_variance"), np.nan)
    law = cell.expansion, cell.k, moments.c2, moments.c3
    with np.errstate(invalid="ignore"):
        return {
            "in_regime": float(points_in_regime(cell.k, moments).mean()),
            "predicted_bias": float(predicted_bias(*law, order=cell.order).mean()),
            "predicted_variance": float(predicted_variance(*law, order=cell.order).mean()),
        }
