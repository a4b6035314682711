"""The derived tables: pure functions of the stored cells, made anew whenever asked. Does not import torch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from evidence_bench.benchmarks.record.cell_arrays import cell_arrays
from evidence_bench.benchmarks.record.claim_columns import claim_columns
from evidence_bench.benchmarks.record.folder_readme import write_readme
from evidence_bench.benchmarks.record.point_table import empty_points, points_of
from evidence_bench.benchmarks.record.schema import COLUMNS, RESULT_SCHEMA_VERSION, SLOPE_COLUMNS
from evidence_bench.benchmarks.record.slope_table import slope_rows
from evidence_bench.benchmarks.record.store import RunFolder, StoredCell
from evidence_bench.benchmarks.statistics.arrays import mean_of_defined
from evidence_bench.benchmarks.statistics.medians import median_interval
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.benchmarks.statistics.row import statistics_row
from evidence_bench.benchmarks.study.settings import Cell

UNRELIABLE_KHAT = 0.7
NEARLY_95 = 0.93  # coverage of an interval of a time, which that from the least to the largest of five has
_OF_SECONDS = ("seconds", "seconds_stderr", "seconds_low", "seconds_high")
_SPEED = (*_OF_SECONDS, "device_seconds", "evaluations_per_second", "peak_bytes")


def write_tables(folder: RunFolder, cells: Iterable[Cell]) -> pd.DataFrame:
    """results, slopes and points of the finished cells as parquet and CSV, and README.txt; the results."""
    stored = [folder.load_cell(cell) for cell in cells if folder.finished(cell)]
    results = pd.DataFrame([result_row(cell) for cell in stored], columns=list(COLUMNS))
    slopes = pd.DataFrame(list(slope_rows(stored)), columns=list(SLOPE_COLUMNS))
    points = pd.concat([empty_points(), *map(points_of, stored)], ignore_index=True)
    for name, table in (("results", results), ("slopes", slopes), ("points", points)):
        _write(folder, name, table)
    write_readme(folder)
    return results


def _write(folder: RunFolder, name: str, table: pd.DataFrame) -> None:
    folder.write(f"{name}.parquet", lambda file: table.to_parquet(file, index=False))
    folder.write(f"{name}.csv", lambda file: table.to_csv(file, index=False, lineterminator="\n"))


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
        **_levels(arrays),
        "evaluations": stored.facts["evaluations"],
        **_speed(stored, points),
        **_diagnostics(arrays),
        **statistics_row(cell_arrays(stored)),
        **claim_columns(stored),
    }


def _levels(arrays: dict[str, np.ndarray]) -> dict[str, float]:
    """Mean log p(x), estimated and true, each with its errors."""
    estimates = arrays["estimates"]
    with np.errstate(invalid="ignore"):  # infinite estimates
        by_point, by_replicate = estimates.mean(axis=0), estimates.mean(axis=1)
        return {
            "log_evidence": float(estimates.mean()),
            "log_evidence_stderr": _stderr(by_replicate) if np.ptp(estimates, axis=0).any() else np.nan,
            "log_evidence_stderr_points": _stderr(by_point),
            "reference": float(arrays["reference"].mean()),
            "reference_stderr": ReferenceStderr.stored(arrays).of_mean()[0],
            "reference_stderr_points": _stderr(arrays["reference"]),
            "reference_doubtful": float(arrays["reference_doubtful"].mean()),
            "reference_lower": _mean_of(arrays.get("reference_lower")),
            "reference_upper": _mean_of(arrays.get("reference_upper")),
        }


def _stderr(values: np.ndarray) -> float:
    """Standard error of the mean of independent values; NaN for one of them, or where one is not finite."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def _mean_of(values: np.ndarray | None) -> float:
    return np.nan if values is None else float(values.mean())


def _speed(stored: StoredCell, points: int) -> dict[str, float]:
    timing = stored.timing
    if timing is None:
        return dict.fromkeys(_SPEED, np.nan)
    median = median_interval(timing["rounds"])
    ends = (median.low, median.high) if median.coverage >= NEARLY_95 else (np.nan, np.nan)
    on_device = np.nan if timing["device_seconds"] is None else timing["device_seconds"]
    rate = points * stored.facts["evaluations"] / median.value
    values = (median.value, timing["seconds_stderr"], *ends, on_device, rate, timing["peak_bytes"])
    return dict(zip(_SPEED, values, strict=True))


def _diagnostics(arrays: dict[str, np.ndarray]) -> dict[str, float]:
    khat = arrays["khat"][~np.isnan(arrays["khat"])]
    points = len(arrays["khat"])
    return {
        "ess": float(arrays["ess"].mean()),
        "max_weight": float(mean_of_defined(arrays["max_weight"])),
        "khat": float(np.median(khat)) if len(khat) else np.nan,
        "khat_above_0.7": float((khat > UNRELIABLE_KHAT).mean()) if len(khat) else np.nan,
        "c2": float(arrays["c2"].mean()),
        "c2_stderr": float(np.sqrt((arrays["c2_stderr"] ** 2).sum()) / points),
        "c3": float(arrays["c3"].mean()),
        "c3_stderr": float(np.sqrt((arrays["c3_stderr"] ** 2).sum()) / points),
    }
