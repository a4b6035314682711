"""``--recommend``: after a run, on a folder that is resumed, and by the report's own command."""

import pytest

from evidence_bench.benchmarks.run import main
from evidence_bench.reports.__main__ import main as reports


def test_a_run_and_its_folder_recommend_alike(bench, capsys):
    arguments = ("--models", "lognormal", "--estimators", "elbo,iwae", "--samples", "2,8,32", "--points", "4")
    status, folder = bench(*arguments, "--replicates", "20", "--recommend", "evaluations=16", small=False)
    first = capsys.readouterr().out
    assert status == 0
    (line,) = [line for line in first.splitlines() if line.startswith("  16 evaluations")]
    assert line.split()[:5] == ["16", "evaluations", "iwae", "K", "="]
    assert "16 evals" in (folder / "report.html").read_text(encoding="utf-8")
    assert main(["--resume", "--output", str(folder), "--recommend", "evaluations=16"]) == 0
    assert line in capsys.readouterr().out
    assert reports([str(folder), "--recommend", "evaluations=16,seconds=1e-9"]) == 0
    said = capsys.readouterr().out
    assert line in said
    assert "nothing: the cheapest that was measured is" in said
    assert said.splitlines()[-1] == str(folder / "report.html")


@pytest.mark.parametrize("command", [main, lambda arguments: reports(["run", *arguments])])
def test_a_budget_that_is_none_is_refused_before_anything_is_done(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command(["--recommend", "minutes=3"]) == 2
    assert "Write evaluations=N, seconds=S or ms=S" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_without_its_cells_says_why_there_is_no_recommendation(bench, capsys):
    _, folder = bench("--estimators", "iwae")
    for file in (folder / "cells").glob("*.npz"):
        file.unlink()
    capsys.readouterr()
    assert reports([str(folder), "--recommend", "ms=1"]) == 0
    assert "knows less of which estimator to take" in capsys.readouterr().out
