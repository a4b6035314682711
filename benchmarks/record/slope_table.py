"""Orders and coefficients read off the cells of one model and estimator over all their K."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from evidence_bench.benchmarks.record.cell_arrays import errors_in, jackknife_order, moments_of, rounding_in
from evidence_bench.benchmarks.record.claim_columns import order_columns
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.statistics.arrays import Interval, no_interval
from evidence_bench.benchmarks.statistics.expansions import predicted_bias, predicted_variance
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.benchmarks.statistics.moments import WeightMoments
from evidence_bench.benchmarks.statistics.second_coefficient import second_coefficient
from evidence_bench.benchmarks.statistics.slopes import Slope, bias_slope, predicted_slope, variance_slope


def slope_rows(stored: list[StoredCell]) -> Iterator[dict[str, Any]]:
    """One row for each model and estimator with at least two K, by the names of the schema."""
    groups: dict[tuple[str, str], list[StoredCell]] = {}
    for one in stored:
        groups.setdefault((one.cell.model, one.cell.estimator), []).append(one)
    for (model, estimator), members in groups.items():
        if len(members) > 1:
            ordered = sorted(members, key=lambda one: one.cell.k)
            yield {"model": model, "estimator": estimator, **_row(ordered)}


def _row(members: list[StoredCell]) -> dict[str, Any]:
    ks = [one.cell.k for one in members]
    errors = np.stack([errors_in(one, controlled=False).errors for one in members])
    controlled = [errors_in(one, controlled=True) for one in members]
    law = _Law(members[0].facts, moments_of(members[-1]))
    rounding = max(map(rounding_in, members))
    second = second_coefficient(ks, errors, law.moments, law.expansion, order=law.m, rounding=rounding)
    inside = [i for i, k in enumerate(ks) if k in second.ks]
    used = [ks[i] for i in inside]
    return {
        **_bias_slope(used, [controlled[i] for i in inside], law),
        **order_columns(members),
        **_variance_slope(used, errors[inside], law),
        **_interval("second_coefficient", second.measured),
        "expected_second_coefficient": second.predicted,
        "k_used": ", ".join(map(str, second.ks)),
    }


class _Law:
    """What the series of one estimator on one model say."""

    def __init__(self, facts: dict[str, Any], moments: WeightMoments) -> None:
        self.expansion: str = facts["expansion"]
        self.bias_order: int | None = facts["bias_order"]
        self.m = jackknife_order(facts)
        self.moments = moments

    def bias_slope(self, ks: list[int]) -> float:
        """Slope of the mean predicted bias; minus the order where no term of the series is known."""
        args = self.moments.c2, self.moments.c3
        known = predicted_slope(
            ks, [predicted_bias(self.expansion, k, *args, order=self.m).mean() for k in ks]
        )
        return -float(self.bias_order) if np.isnan(known) and self.bias_order else known

    def variance_slope(self, ks: list[int]) -> float:
        """Slope of the mean predicted variance."""
        args = self.moments.c2, self.moments.c3
        return predicted_slope(
            ks, [predicted_variance(self.expansion, k, *args, order=self.m).mean() for k in ks]
        )


def _bias_slope(ks: list[int], measured: list[MeasuredErrors], law: _Law) -> dict[str, float | str]:
    slope = bias_slope(ks, measured) if len(ks) > 1 else Slope(no_interval("fewer than two K"))
    expected = law.bias_slope(list(slope.ks)) if slope.ks else np.nan
    ks_used = ", ".join(map(str, slope.ks))
    return {
        **_interval("bias_slope", slope.interval),
        "expected_bias_slope": expected,
        "bias_k_used": ks_used,
    }


def _variance_slope(ks: list[int], errors: np.ndarray, law: _Law) -> dict[str, float]:
    if len(ks) < 2:
        return _interval("variance_slope", None) | {"expected_variance_slope": np.nan}
    return _interval("variance_slope", variance_slope(ks, errors)) | {
        "expected_variance_slope": law.variance_slope(ks)
    }


def _interval(name: str, interval: Interval | None) -> dict[str, float]:
    low, value, high = (np.nan,) * 3 if interval is None else (interval.low, interval.value, interval.high)
    return {name: value, f"{name}_low": low, f"{name}_high": high}
