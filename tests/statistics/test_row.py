"""One cell's row, and that the statistics import without torch."""

import subprocess
import sys

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.moments import weight_moments
from evidence_bench.benchmarks.statistics.row import CellArrays, statistics_row
from tests.statistics.laws import LogNormal

LAW = LogNormal(0.25)


def iwae_cell(**changes) -> CellArrays:
    mean = LAW.weights((1500, 8, 16), np.random.default_rng(0)).mean(-1)
    fields = {
        "k": 16,
        "estimates": np.log(mean) - 100.0,
        "log_evidence": -100.0,
        "log_mean_ratio": np.log(mean),
        "moments": weight_moments(LAW.moment(2), LAW.moment(3), points=8),
        "expansion": "log-mean",
    }
    return CellArrays(**(fields | changes))


def test_row_of_an_iwae_cell():
    row = statistics_row(iwae_cell())
    assert (row["verdict"], row["verdict_bias"], row["n_not_finite"]) == ("agrees", "agrees", 0)
    assert row["bias_controlled"] == pytest.approx(LAW.bias(16), abs=4 * row["bias_controlled_stderr"])
    assert row["bias_controlled_stderr"] < row["bias_stderr"] / 10
    assert row["rmse"] ** 2 == pytest.approx(row["variance"], rel=0.05)
    assert {type(value) for value in row.values()} == {float, int, str}


def test_row_without_truth_of_its_weights():
    row = statistics_row(iwae_cell(log_mean_ratio=None, moments=None))
    assert np.isnan(row["bias_controlled"])
    assert np.isnan(row["bias_controlled_stderr"])
    assert (row["verdict"], row["verdict_bias"]) == ("", "")


def test_row_of_one_replicate_and_of_infinite_estimates():
    one = iwae_cell()
    row = statistics_row(
        iwae_cell(estimates=np.asarray(one.estimates)[:1], log_mean_ratio=np.asarray(one.log_mean_ratio)[:1])
    )
    assert (row["verdict"], row["verdict_bias"]) == ("undecided", "undecided")
    estimates = np.array(one.estimates)
    estimates[3, 2] = -np.inf
    row = statistics_row(iwae_cell(estimates=estimates))
    assert row["n_not_finite"] == 1
    assert row["bias"] == row["bias_controlled"] == -np.inf
    assert row["verdict"] == "undecided"


def test_statistics_do_not_import_torch():
    names = "row, compare, slopes, second_coefficient, verdict, expansions"
    code = f"import sys; from evidence_bench.benchmarks.statistics import {names}; "
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
