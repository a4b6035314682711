"""A study sees false claims of a plug-in, says so, and says nothing of the built-in estimators."""

from __future__ import annotations

import pandas as pd
import pytest

from evidence_bench.benchmarks.statistics.slopes import predicted_slope
from tests.bench.reading import results
from tests.statistics.laws import LogNormal

FALSE = """
from dataclasses import dataclass
from typing import ClassVar
from evidence_bench.estimators.base import Bound, Expansion, LogWeights
from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.estimators.samplers.proposal import FromProposal

@dataclass(frozen=True)
class Above(LogMeanExp):
    bias_order: ClassVar[int] = 3
    expansion: ClassVar[Expansion] = Expansion.NONE
    def __call__(self, log_w):
        return LogMeanExp()(log_w) * 1.0 + 1.2 / log_w.shape[-1]

@dataclass(frozen=True)
class Lopsided(LogMeanExp):
    def __call__(self, log_w):
        return LogMeanExp()(log_w) + 0.01 * (log_w[..., 0] - log_w[..., -1])

@dataclass(frozen=True)
class Twice(FromProposal):
    def __call__(self, model, x, k, generator):
        log_w = FromProposal()(model, x, (k + 1) // 2, generator).log_w
        return LogWeights(log_w.repeat_interleave(2, 1)[:, :k])

@dataclass(frozen=True)
class Dear(FromProposal):
    def __call__(self, model, x, k, generator):
        FromProposal()(model, x, k, generator)
        return FromProposal()(model, x, k, generator)

def register(bench):
    bench.add_estimator("above", reducer=Above)
    bench.add_estimator("lopsided", reducer=Lopsided)
    bench.add_estimator("twice", sampler=Twice)
    bench.add_estimator("dear", sampler=Dear)
"""
KS = (8, 32, 128)
ARGS = ("--models", "lognormal[s2=0.25]", "--samples", "8,32,128", "--replicates", "40", "--points", "8")


@pytest.fixture
def run(bench, tmp_path, capsys):
    """The run folder and what was printed."""
    (tmp_path / "false.py").write_text(FALSE)
    names = "iwae,jvi,elbo,above,lopsided,twice,dear"
    status, folder = bench("--plugin", "false.py", "--no-check", "--estimators", names, *ARGS, small=False)
    assert status == 0
    return folder, capsys.readouterr().out


def test_each_false_claim_is_contradicted_and_no_right_one(run):
    folder, _ = run
    table = results(folder).set_index(["estimator", "k"])
    checks = table[[name for name in table if name.endswith("_check")]]
    contradicted = (checks == "contradicts").groupby("estimator").any()
    assert {name: list(row.index[row]) for name, row in contradicted.iterrows()} == {
        "iwae": [],
        "jvi": [],
        "elbo": [],
        "above": ["bound_check"],
        "lopsided": ["symmetric_check"],
        "twice": ["iid_check"],
        "dear": ["cost_check"],
    }
    assert (checks.loc["iwae", "bound_check"] == "holds").all()
    assert (checks.loc["jvi", "bound_check"] == "").all()
    excess = table.loc[("above", 128)]
    assert excess["bound_excess"] > 20 * excess["bound_excess_stderr"] > 0

    slopes = pd.read_parquet(folder / "slopes.parquet").set_index("estimator")
    assert slopes.loc["above", "order_check"] == "contradicts"
    order = -predicted_slope(KS, [LogNormal(0.25).bias(k) + 1.2 / k for k in KS])  # 1.001
    assert slopes.loc["above", "measured_order_low"] < order < slopes.loc["above", "measured_order_high"]
    assert slopes.loc["iwae", "order_check"] == "holds"
    assert slopes.loc["elbo", "order_check"] == ""


def test_terminal_and_report_say_so(run):
    folder, said = run
    assert said.count("WARNING lognormal[s2=0.25]: the mean estimate contradicts its bound") == 1
    assert "declared 3, measured" in said
    page = (folder / "report.html").read_text()
    assert "What each declares, and what was measured" in page
    assert "contradicts its bound: +0.00" in page
