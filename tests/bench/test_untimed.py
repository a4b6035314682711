"""A study that times nothing leaves times empty, whole or in part; no reader meets the word nan."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from evidence_bench.reports.read import read_run
from evidence_bench.reports.render import render_report
from evidence_bench.reports.terminal.summary import print_summary
from tests.bench.reading import results
from tests.reports.synthetic import results_frame, write_run

SPEED = ["seconds", "seconds_stderr", "seconds_low", "seconds_high", "evaluations_per_second", "peak_bytes"]
UNTIMED_STUDY = ["--study", "nowozin", "--models", "linear-gaussian", "--estimators", "iwae,jvi"]
NAN = re.compile(r"\bnan\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    """Room for every column of the summary."""
    monkeypatch.setenv("COLUMNS", "240")


def shown(page):
    """What a reader of the page sees: no markup, scripts or styles; the numbers in figures too."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL))


def attributes(page):
    """Numbers that figures are drawn by."""
    return " ".join(re.findall(r'\s[\w-]+="([^"]*)"', page))


def test_a_study_without_times_says_nothing_of_seconds(bench, capsys):
    status, folder = bench(
        *UNTIMED_STUDY, "--points", "3", "--samples", "2,8", "--replicates", "4",
        "--recommend", "seconds=1", small=False,
    )  # fmt: skip
    said = capsys.readouterr()
    assert status == 0
    assert "RMSE" in said.out
    assert "seconds" not in said.out
    assert "nothing: no time was measured" in said.out
    page = (folder / "report.html").read_text(encoding="utf-8")
    tables = [file.read_text(encoding="utf-8") for file in folder.glob("*.csv")]
    assert len(tables) == 3
    for text in (said.out, said.err, shown(page), attributes(page), *tables):
        assert not NAN.search(text)
    assert results(folder)[SPEED].isna().all(axis=None)
    assert pd.read_csv(folder / "results.csv", keep_default_na=False)[SPEED].eq("").all(axis=None)


@pytest.mark.parametrize("untimed", [["iwae"], ["elbo", "iwae", "jvi", "jvi[order=2]", "adaptive"]], ids=str)
def test_cells_without_a_time_are_empty_beside_those_with_one(untimed, tmp_path, capsys):
    frame = results_frame((1, 256))
    frame.loc[frame["estimator"].isin(untimed), SPEED] = np.nan
    folder = write_run(tmp_path / "run", samples=(1, 256), results=frame)
    page = render_report(folder)
    print_summary(read_run(folder), page)
    said, html = capsys.readouterr().out, page.read_text(encoding="utf-8")
    assert (" seconds " in said) == (len(untimed) == 1)
    for text in (said, shown(html), attributes(html)):
        assert not NAN.search(text.replace("NaN among the log weights", ""))  # a failure of this folder
