"""Each paper's study, run: on images that the models simulate, and (slow) as it is, on the real ones."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from evidence_bench.benchmarks.papers.tables import FILE, TABLES
from evidence_bench.benchmarks.run import main
from evidence_bench.benchmarks.study import cli
from evidence_bench.benchmarks.study.studies import find_study

SMALL = {
    "table1": ("mnist-elbo-1l", "mnist-elbo-2l"),
    "table2": ("mnist-elbo-1l", "mnist-elbo-then-iwae50-1l"),
    "activity": ("mnist-elbo-1l", "mnist-elbo-2l"),
    "nowozin": ("mnist-iwae50-1l", "mnist-jvi1-1l"),
}
FEWER = {"table1": ["--samples", "300"], "table2": ["--samples", "50"], "activity": ["--samples", "5"]}
JUDGED = {
    "table1": {"Two stochastic layers less one, trained alike, on the same images": "two better?"},
    "table2": {"Switched objectives (Burda et al., Table 2)": "NLL moves as in the paper?"},
    "nowozin": {"Gaps from one order to the next, K = 32, on the same weights": "same sign?"},
}
QUICK = ["--replicates", "3", "--samples", "32", "--reference", "none"]


def _sheets(folder):
    return json.loads((folder / FILE).read_text())["sheets"]


@pytest.mark.parametrize("study", TABLES)
def test_a_small_run_on_simulated_images_fills_every_part(study, tmp_path, capsys):
    models = ",".join(f"{name}[simulated=true]" for name in SMALL[study])
    asked = ["--study", study, "--models", models, "--points", "4", *FEWER.get(study, QUICK)]
    assert main([*asked, "--output", str(tmp_path / "run")]) == 0
    sheets = _sheets(tmp_path / "run")
    assert bool(sheets[0]["rows"]) == (study != "table2")  # each model simulates images of its own: no pairs
    page = (tmp_path / "run" / "report.html").read_text()
    told = capsys.readouterr().out
    for sheet in sheets:
        assert sheet["title"] in page
        assert sheet["title"] in told
    assert ('<figure id="activity">' in page) == (study == "activity")
    before = (tmp_path / "run" / FILE).read_bytes()
    assert main(["--resume", "--output", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / FILE).read_bytes() == before


def test_no_study_of_a_paper_times_or_repeats_what_it_need_not():
    for name in TABLES:
        settings = find_study(name).settings
        assert settings.study == name
        assert not settings.timed
    assert find_study("table1").settings.samples == (5000,)
    nowozin = find_study("nowozin").settings
    assert {"jvi[order=5]", "elbo", "iwae"} <= set(nowozin.estimators)
    assert max(nowozin.samples) > 64
    assert replace(nowozin, study="x").to_json()["timed"] is False


def test_every_model_of_these_studies_is_shipped():
    from evidence_bench.models.zoo import shipped_cards

    cards = shipped_cards()
    assert {model for name in TABLES for model in find_study(name).settings.models} <= set(cards)


@pytest.mark.slow
@pytest.mark.skipif("EVIDENCE_BENCH_DATA" not in os.environ, reason="needs the images: EVIDENCE_BENCH_DATA")
@pytest.mark.parametrize("study", TABLES)
def test_the_small_setting_runs_as_it_is(study, tmp_path):
    assert cli.settings_of(cli.parser().parse_args(["--study", study])) == find_study(study).settings
    assert main(["--study", study, "--output", str(tmp_path / "run")]) == 0
    sheets = {sheet["title"]: sheet for sheet in _sheets(tmp_path / "run")}
    assert all(sheet["rows"] for sheet in sheets.values())
    for title, heading in JUDGED.get(study, {}).items():
        place = [column["name"] for column in sheets[title]["columns"]].index(heading)
        said = [row[place] for row in sheets[title]["rows"]]
        assert "no" not in said  # undecided is honest where there are few images
        assert study == "table1" or "yes" in said
