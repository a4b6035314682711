"""What the report says follows from the table: digits, intervals, the best, verdicts, the drawn numbers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evidence_bench.reports import reasons, summary
from evidence_bench.reports.figures import bias, ratio, throughput, variance
from evidence_bench.reports.numbers import (
    MINUS,
    NONE,
    TIMES,
    interval,
    number,
    runs_of,
    whole,
    with_error,
    with_interval,
)
from evidence_bench.reports.read import read_run
from tests.reports.synthetic import config, results_frame, write_run


def plain(text: str) -> str:
    """The text with ASCII for its minus and times signs."""
    return text.replace(MINUS, "-").replace(TIMES, "x")


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (-0.05720, 0.00313, "-0.0572 ± 0.0031"),
        (-0.3, 0.0996, "-0.30 ± 0.10"),
        (3.47e-7, 1.2e-8, "(3.47 ± 0.12)x10⁻⁷"),
        (1234.5, 21.0, "1,234 ± 21"),
        (1e-9, 0.02, "0.000 ± 0.020"),
        (0.25, 0.0, "0.2500 (exact)"),
        (math.nan, math.nan, NONE),
        (-math.inf, math.nan, "minus infinity"),
        (0.5, math.nan, "0.5000 ± unknown"),
    ],
)
def test_two_significant_digits_of_the_standard_error(value, stderr, text):
    assert plain(with_error(value, stderr)) == text


def test_numbers_in_words_and_lists_of_k():
    assert number(math.inf) == "infinite"
    assert whole(2.5) == "2.50"
    assert whole(1024) == "1,024"
    assert interval(0.97, 1.04) == "0.970 to 1.040"
    assert interval(-math.inf, 1.0) == "minus infinity to 1.00"
    assert plain(with_interval(-1.02, -1.1, -0.94)) == "-1.02 (-1.10 to -0.94)"
    assert runs_of([1, 2, 4, 16], [1, 2, 4, 8, 16]) == "1 to 4, 16"


def test_rows_are_ordered_as_asked_for(tmp_path):
    asked = config((1, 2, 4)) | {"estimators": ["iwae", "elbo"]}
    shuffled = results_frame((1, 2, 4)).sample(frac=1, random_state=1)
    shuffled.index = pd.Index([0] * len(shuffled))  # as concatenated parts leave it
    run = read_run(write_run(tmp_path / "run", results=shuffled, config=asked))
    assert run.models == ["linear-gaussian", "lognormal[s2=1]", "digits-vae"]
    assert run.estimators == ["iwae", "elbo", "jvi", "jvi[order=2]"]
    assert len(run.results) == len(shuffled)
    keys = run.results.loc[run.results["model"] == "digits-vae", ["estimator", "k"]]
    assert list(keys.itertuples(index=False, name=None))[:4] == [
        ("iwae", 1),
        ("iwae", 2),
        ("iwae", 4),
        ("elbo", 1),
    ]


def test_verdicts_are_counted_and_listed_by_k(run_folder):
    run = read_run(run_folder)
    counts = summary.verdict_count(run, "verdict")
    assert sum(counts.values()) == (run.results["verdict"] != "").sum()
    assert counts["disagrees"] == 1
    (row,) = [
        v for v in summary.verdicts(run, "verdict") if (v.model, v.estimator) == ("lognormal[s2=1]", "jvi")
    ]
    assert row.k_by_verdict["disagrees"] == "1,024"
    assert row.k_by_verdict["not in the asymptotic regime"] == "2 to 16"
    assert row.at == "1,024"


def test_distrusted_cells_are_found(run_folder):
    found = {
        one.reason.partition(":")[0]: dict(one.lines) for one in reasons.distrusted(read_run(run_folder))
    }
    assert found["Infinite estimates among the replicates"] == {"digits-vae": "jvi[order=2] at K = 4"}
    assert list(found["Pareto k-hat above 0.7 at more than 5% of the points"]) == ["lognormal[s2=1]"]
    assert "iwae at K = 1 to 8" in found["Not in the asymptotic regime"]["linear-gaussian"]


def test_the_drawn_bias_is_the_controlled_one_where_there_is_one():
    table = results_frame()
    drawn = bias.data(table)
    controlled = np.isfinite(table["bias_controlled"])
    assert 0 < controlled.sum() < len(table)
    assert (drawn["bias"][controlled] == table["bias_controlled"][controlled]).all()
    assert (drawn["figure"] == np.where(controlled, "controlled", "plain")).all()
    finite = drawn[np.isfinite(drawn["bias"]) & np.isfinite(drawn["stderr"])]
    holds_zero = finite["bias"].abs() <= 1.96 * finite["stderr"]  # as the table's ends are made
    assert ((finite["low"] == 0) == holds_zero).all()
    assert holds_zero.any()
    np.testing.assert_allclose(finite["high"], finite["bias"].abs() + 1.96 * finite["stderr"])


def test_the_drawn_variance_and_its_prediction_are_times_k():
    table = results_frame()
    drawn = variance.data(table)
    np.testing.assert_allclose(drawn["value"], table["k"] * table["variance"])
    np.testing.assert_allclose(drawn["predicted"], table["k"] * table["predicted_variance"])
    np.testing.assert_allclose(drawn["high"] - drawn["low"], 2 * 1.96 * table["k"] * table["variance_stderr"])


def test_the_drawn_ratio_is_that_of_the_cells_in_the_regime():
    table = results_frame()
    drawn = ratio.data(table)
    assert 0 < len(drawn) == (table["in_regime"] >= 0.95).sum()
    used = table.loc[drawn.index]
    np.testing.assert_array_equal(drawn["value"], used["verdict_ratio"])
    assert set(drawn["verdict"]) == {"agrees", "undecided", "disagrees"}


def test_the_interval_of_the_throughput_is_that_of_the_seconds():
    row = pd.DataFrame(
        [{"model": "m", "estimator": "e", "k": 8, "seconds": 2.0, "evaluations_per_second": 100.0}]
    )
    drawn = throughput.data(row.assign(seconds_low=[1.5], seconds_high=[2.5])).iloc[0]
    assert (drawn["low"], drawn["high"]) == pytest.approx((100 * 2 / 2.5, 100 * 2 / 1.5))
    assert math.isnan(throughput.data(row.assign(seconds_low=np.nan, seconds_high=np.nan)).iloc[0]["high"])
