"""The table of points: one row for each point of a cell. Does not import torch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evidence_bench.benchmarks.record.schema import POINT_COLUMNS
from evidence_bench.benchmarks.record.store import StoredCell

_DTYPES = {"model": "str", "estimator": "str", "k": "int64", "point": "int64"}


def points_of(stored: StoredCell) -> pd.DataFrame:
    """The B rows of a cell, by the columns of the schema."""
    arrays = stored.arrays
    estimates = arrays["estimates"]
    replicates, points = estimates.shape
    equal = (estimates == estimates[0]).all(axis=0)  # what makes them differ was not met: an unknown error
    with np.errstate(invalid="ignore"):  # infinite estimates
        mean = estimates.mean(axis=0)
        stdev = estimates.std(axis=0, ddof=1) if replicates > 1 else np.full(points, np.nan)
    columns = {
        "model": stored.cell.model,
        "estimator": stored.cell.estimator,
        "k": stored.cell.k,
        "point": np.arange(points),
        "log_evidence": mean,
        "log_evidence_stderr": np.where(equal, np.nan, stdev) / np.sqrt(replicates),
        "stdev": stdev,
        **{name: arrays[name] for name in ("reference", "reference_stderr", "khat", "ess", "max_weight")},
    }
    return pd.DataFrame(columns, columns=list(POINT_COLUMNS)).astype(_DTYPES)


def empty_points() -> pd.DataFrame:
    """The table of no cell, with the columns in their types."""
    types = {name: _DTYPES.get(name, "float64") for name in POINT_COLUMNS}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
