"""Runs whose replicates are all equal, or differ by rounding alone: no verdict and no error of 0."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.bench.reading import results

RARE = "two-point[p=0.9999999,ratio=2]"  # the other weight comes once in ten million draws


@pytest.mark.parametrize(
    ("model", "more"), [(RARE, ()), ("lognormal[s2=1e-14]", ("--dtype", "float32"))], ids=["rare", "float32"]
)
def test_what_is_no_more_than_rounding_contradicts_nothing(bench, model, more):
    args = ("--models", model, "--estimators", "iwae,jvi", "--samples", "16,64,256", "--replicates", "50")
    folder = bench(*args, "--points", "8", *more)[1]
    table = results(folder)
    assert set(table["verdict"]) | set(table["verdict_bias"]) <= {"undecided", ""}
    assert (table["weight_check"] != "fails").all()
    slopes = pd.read_parquet(folder / "slopes.parquet")
    assert slopes[["bias_slope", "variance_slope", "second_coefficient"]].isna().all(axis=None)


def test_an_error_that_was_not_seen_is_not_zero(bench):
    args = ("--models", RARE, "--estimators", "iwae", "--samples", "16", "--replicates", "50")
    folder = bench(*args, "--points", "8")[1]
    (row,) = results(folder).to_dict("records")
    names = ("bias_stderr", "variance_stderr", "rmse_stderr", "log_evidence_stderr", "bias_low", "rmse_high")
    assert pd.isna([row[name] for name in names]).all()
    assert pd.read_parquet(folder / "points.parquet")["log_evidence_stderr"].isna().all()
