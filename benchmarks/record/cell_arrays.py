"""A stored cell as the statistics take it."""

from __future__ import annotations

from typing import Any

import numpy as np

from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.statistics.columns import errors_of
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.benchmarks.statistics.moments import WeightMoments, weight_moments
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.benchmarks.statistics.rounding import rounding_of
from evidence_bench.benchmarks.statistics.row import CellArrays, checked


def cell_arrays(stored: StoredCell) -> CellArrays:
    arrays = stored.arrays
    return CellArrays(
        k=stored.cell.k,
        estimates=arrays["estimates"],
        log_evidence=arrays["reference"],
        reference_stderr=ReferenceStderr.stored(arrays),
        log_mean_ratio=arrays.get("log_mean_ratio"),
        moments=moments_of(stored),
        expansion=stored.facts["expansion"],
        order=jackknife_order(stored.facts),
        rounding=rounding_in(stored),
    )


def rounding_in(stored: StoredCell) -> float:
    """What rounding of the model's log densities may do to an estimate of the cell, nats."""
    return rounding_of(stored.arrays["estimates"], stored.facts["epsilon"])


def moments_of(stored: StoredCell) -> WeightMoments:
    arrays = stored.arrays
    return weight_moments(
        arrays["c2"],
        arrays["c3"],
        arrays["c2_stderr"],
        arrays["c3_stderr"],
        arrays["khat"],
        points=len(arrays["c2"]),
        estimated=not stored.facts["moments_exact"],
        c2_halves=arrays["c2_halves"],
        khat_halves=arrays["khat_halves"],
    )


def jackknife_order(facts: dict[str, Any]) -> int:
    """The jackknife's m: its bias is O(K^-(m+1))."""
    return facts["bias_order"] - 1 if facts["expansion"] == "jackknife" else 0


def errors_in(stored: StoredCell, *, controlled: bool) -> MeasuredErrors:
    """Errors [R, B], with the exact-mean controls at the points that get them if ``controlled``, as in a row.

    About the mean over replicates where log p(x) is not known: their variance is right, their bias 0. At a
    point with infinite estimates there is no such mean, and its errors are infinite or NaN.
    """
    arrays = stored.arrays
    if not np.isfinite(arrays["reference"]).all():
        with np.errstate(invalid="ignore"):  # infinite estimates
            return MeasuredErrors.plain(arrays["estimates"] - arrays["estimates"].mean(axis=0))
    cell = cell_arrays(stored)
    plain = MeasuredErrors.plain(errors_of(cell.estimates, cell.log_evidence), cell.reference_stderr)
    return (checked(cell)[1] or plain) if controlled else plain
