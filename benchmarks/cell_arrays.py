"""A stored cell as the statistics take it."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.statistics.columns import errors_of
from benchmarks.statistics.consistency import weight_check
from benchmarks.statistics.controls import best_errors
from benchmarks.statistics.moments import WeightMoments, weight_moments
from benchmarks.statistics.reference_stderr import ReferenceStderr
from benchmarks.statistics.row import CellArrays
from benchmarks.store import StoredCell


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
    )


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


def errors_in(stored: StoredCell, *, controlled: bool) -> np.ndarray:
    """Errors [R, B], with the exact-mean controls at the points that get them if ``controlled``.

    About the mean over replicates where log p(x) is not known: their variance is right, their bias 0.
    """
    arrays = stored.arrays
    if not np.isfinite(arrays["reference"]).all():
        return np.asarray(arrays["estimates"] - arrays["estimates"].mean(axis=0))
    errors = errors_of(arrays["estimates"], arrays["reference"])
    if not controlled:
        return errors
    log_ratio, moments = arrays.get("log_mean_ratio"), moments_of(stored)
    if weight_check(log_ratio, stored.cell.k, moments, ReferenceStderr.stored(arrays)).fails:
        return errors
    best = best_errors(errors, log_ratio, stored.cell.k, moments, stored.facts["expansion"])
    return errors if best is None else best
