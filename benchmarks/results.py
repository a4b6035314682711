"""The derived tables: pure functions of the stored cells, made anew whenever asked. Does not import torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.schema import COLUMNS, RESULT_SCHEMA_VERSION, SLOPE_COLUMNS
from benchmarks.settings import Cell
from benchmarks.statistics.arrays import Interval
from benchmarks.statistics.columns import errors_of
from benchmarks.statistics.controls import best_errors
from benchmarks.statistics.moments import WeightMoments, weight_moments
from benchmarks.statistics.row import CellArrays, statistics_row
from benchmarks.statistics.second_coefficient import second_coefficient
from benchmarks.statistics.slopes import bias_slope, variance_slope
from benchmarks.store import RunFolder, StoredCell

UNRELIABLE_KHAT = 0.7
FEWEST_K_FOR_A_SLOPE = 2


def write_tables(folder: RunFolder, cells: Iterable[Cell]) -> pd.DataFrame:
    """results.parquet, results.csv, slopes.parquet of the finished cells; returns the results."""
    stored = [folder.load_cell(cell) for cell in cells if folder.finished(cell)]
    results = pd.DataFrame([result_row(cell) for cell in stored], columns=list(COLUMNS))
    slopes = pd.DataFrame(list(slope_rows(stored)), columns=list(SLOPE_COLUMNS))
    folder.write("results.parquet", lambda file: results.to_parquet(file, index=False))
    folder.write("results.csv", lambda file: results.to_csv(file, index=False, lineterminator="\n"))
    folder.write("slopes.parquet", lambda file: slopes.to_parquet(file, index=False))
    return results


def read_results(folder: Path) -> pd.DataFrame:
    """The results of a run folder."""
    return pd.read_parquet(folder / "results.parquet")


def result_row(stored: StoredCell) -> dict[str, Any]:
    """One row of the table, by the columns of the schema."""
    arrays, k = stored.arrays, stored.cell.k
    replicates, points = arrays["estimates"].shape
    return {
        "result_schema_version": RESULT_SCHEMA_VERSION,
        "model": stored.cell.model,
        "estimator": stored.cell.estimator,
        "k": k,
        "points": points,
        "replicates": replicates,
        "log_evidence": float(arrays["estimates"].mean()),
        "reference": float(arrays["reference"].mean()),
        "reference_stderr": float(np.sqrt((arrays["reference_stderr"] ** 2).sum()) / points),
        "evaluations": stored.facts["evaluations"],
        **_speed(stored, points),
        **_diagnostics(arrays),
        **statistics_row(_cell_arrays(stored)),
    }


def slope_rows(stored: list[StoredCell]) -> Iterator[dict[str, Any]]:
    """One row for each model and estimator with at least two K."""
    groups: dict[tuple[str, str], list[StoredCell]] = {}
    for one in stored:
        groups.setdefault((one.cell.model, one.cell.estimator), []).append(one)
    for (model, estimator), members in groups.items():
        if len(members) > 1:
            yield {"model": model, "estimator": estimator, **_slopes(members)}


def _slopes(members: list[StoredCell]) -> dict[str, Any]:
    members = sorted(members, key=lambda one: one.cell.k)
    ks = [one.cell.k for one in members]
    errors = np.stack([_errors(one, controlled=False) for one in members])
    controlled = np.stack([_errors(one, controlled=True) for one in members])
    facts = members[0].facts
    m = _jackknife_order(facts)
    second = second_coefficient(ks, errors, _moments(members[-1]), facts["expansion"], order=m)
    in_regime = [i for i, k in enumerate(ks) if k in second.ks]
    used = [ks[i] for i in in_regime]
    few = len(used) < FEWEST_K_FOR_A_SLOPE
    expected = None if facts["bias_order"] is None else -facts["bias_order"]
    return {
        **_interval("bias_slope", None if few else bias_slope(used, controlled[in_regime])),
        "expected_bias_slope": expected,
        **_interval("variance_slope", None if few else variance_slope(used, errors[in_regime])),
        **_interval("second_coefficient", second.measured),
        "expected_second_coefficient": second.predicted,
        "k_used": ", ".join(map(str, second.ks)),
    }


def _interval(name: str, interval: Interval | None) -> dict[str, float]:
    low, value, high = (np.nan,) * 3 if interval is None else (interval.low, interval.value, interval.high)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _errors(stored: StoredCell, *, controlled: bool) -> np.ndarray:
    arrays = stored.arrays
    errors = errors_of(arrays["estimates"], arrays["reference"])
    if not controlled:
        return errors
    control = arrays.get("control")
    best = best_errors(errors, control, stored.cell.k, _moments(stored), stored.facts["expansion"])
    return errors if best is None else best


def _cell_arrays(stored: StoredCell) -> CellArrays:
    arrays = stored.arrays
    return CellArrays(
        k=stored.cell.k,
        estimates=arrays["estimates"],
        log_evidence=arrays["reference"],
        reference_stderr=arrays["reference_stderr"],
        control=arrays.get("control"),
        moments=_moments(stored),
        expansion=stored.facts["expansion"],
        order=_jackknife_order(stored.facts),
    )


def _moments(stored: StoredCell) -> WeightMoments:
    arrays = stored.arrays
    return weight_moments(
        arrays["c2"],
        arrays["c3"],
        arrays["c2_stderr"],
        arrays["c3_stderr"],
        arrays["khat"],
        points=len(arrays["c2"]),
        estimated=not stored.facts["moments_exact"],
    )


def _jackknife_order(facts: dict[str, Any]) -> int:
    """The jackknife's m: its bias is O(K^-(m+1))."""
    return facts["bias_order"] - 1 if facts["expansion"] == "jackknife" else 0


def _speed(stored: StoredCell, points: int) -> dict[str, float]:
    timing = stored.timing
    if timing is None:
        names = ("seconds", "seconds_stderr", "evaluations_per_second", "peak_bytes")
        return dict.fromkeys(names, np.nan)
    seconds = timing["seconds"]
    return {
        "seconds": seconds,
        "seconds_stderr": timing["seconds_stderr"],
        "evaluations_per_second": points * stored.facts["evaluations"] / seconds,
        "peak_bytes": timing["peak_bytes"],
    }


def _diagnostics(arrays: dict[str, np.ndarray]) -> dict[str, float]:
    khat = arrays["khat"][~np.isnan(arrays["khat"])]
    points = len(arrays["khat"])
    return {
        "ess": float(arrays["ess"].mean()),
        "max_weight": float(arrays["max_weight"].mean()),
        "khat": float(np.median(khat)) if len(khat) else np.nan,
        "khat_above_0.7": float((khat > UNRELIABLE_KHAT).mean()) if len(khat) else np.nan,
        "c2": float(arrays["c2"].mean()),
        "c2_stderr": float(np.sqrt((arrays["c2_stderr"] ** 2).sum()) / points),
        "c3": float(arrays["c3"].mean()),
        "c3_stderr": float(np.sqrt((arrays["c3_stderr"] ** 2).sum()) / points),
    }
