"""The table of what each estimator declares, and what was measured."""

from __future__ import annotations

import pytest

from evidence_bench.reports.claims import claims
from evidence_bench.reports.read import read_run
from evidence_bench.reports.reasons import distrusted
from evidence_bench.reports.render import render_report
from tests.reports.synthetic import results_frame, slopes_frame, write_run


@pytest.fixture
def folder(tmp_path):
    """A run in which iwae overshoots twice, and the order of jvi is not as declared."""
    results, slopes = results_frame((16, 64)), slopes_frame()
    for k, excess in ((16, 0.0138), (64, 0.0100)):
        here = (results["estimator"] == "iwae") & (results["k"] == k) & (results["model"] == "digits-vae")
        results.loc[here, "bound_check"] = "contradicts"
        results.loc[here, ["bound_excess", "bound_excess_stderr"]] = [excess, 0.0017]
    here = (slopes["estimator"] == "jvi") & (slopes["model"] == "digits-vae")
    slopes.loc[here, "order_check"] = "contradicts"
    slopes.loc[here, ["measured_order", "measured_order_low", "measured_order_high"]] = [1.0, 0.97, 1.03]
    folder = write_run(tmp_path / "run", results=results)
    slopes.to_parquet(folder / "slopes.parquet")
    return folder


def words(run):
    return {(one.estimator, one.claim): one for one in claims(run)}


def test_the_worst_cell_of_a_claim_is_shown(folder):
    found = words(read_run(folder))
    assert found["iwae", "bound"].declared == "lower bound"
    assert found["iwae", "bound"].contradicted
    assert found["iwae", "bound"].measured == (
        "contradicts its bound: +0.0138 ± 0.0017 nats on digits-vae at K = 16; "
        "holds in 4, contradicts in 2 of 6"
    )
    assert found["jvi", "order of the bias"].measured.startswith("1.000 (0.970 to 1.030) on digits-vae; ")
    assert found["jvi", "order of the bias"].contradicted
    assert found["jvi[order=2]", "order of the bias"].measured.startswith("3.02 (2.94 to 3.10) on")
    assert found["elbo", "cost"].measured == "1.00 K on linear-gaussian at K = 16; holds in 6 of 6"
    assert not found["elbo", "cost"].contradicted
    assert ("elbo", "order of the bias") not in found
    assert ("jvi", "bound") not in found


def test_claims_that_are_contradicted_are_among_the_warnings(folder):
    reasons = [one.reason for one in distrusted(read_run(folder))]
    assert sum("contradicts its bound" in reason for reason in reasons) == 1
    assert sum("falls slower with K than declared" in reason for reason in reasons) == 1


def test_the_page_has_the_table(folder):
    page = render_report(folder).read_text(encoding="utf-8")
    assert page.count("contradicts its bound: +0.0138 ± 0.0017 nats") == 1


def test_a_folder_without_such_columns_has_no_claims_measured(folder):
    results = results_frame((16,)).drop(columns=["bound_check", "iid_check", "symmetric_check", "cost_check"])
    results.to_parquet(folder / "results.parquet")
    found = words(read_run(folder))
    assert found["iwae", "bound"].measured == "not measured"
