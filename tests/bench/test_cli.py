"""The command line: what it answers at once, and what it says to a request that makes no sense."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.quickness import answers_within

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments, cwd=ROOT):
    run = [sys.executable, "-m", "benchmarks.run", *arguments]
    return subprocess.run(run, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("flag", ["--help", "--list"])
def test_help_and_list_answer_in_half_a_second(flag):
    assert answers_within(0.5, "benchmarks.run", flag)


def test_list_names_every_estimator_model_and_study():
    from evidence_bench.benchmarks.study.studies import STUDIES
    from evidence_bench.estimators.catalogue import ESTIMATORS
    from evidence_bench.models.catalogue import MODELS

    listed = command("--list").stdout
    assert all(f"  {entry.name} " in listed for entry in (*ESTIMATORS, *MODELS, *STUDIES))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--estimators", "iwea"], "did you mean 'iwae'"),
        (["--estimators", "ais"], "adaptive importance sampling"),
        (["--estimators", "jvi[ordre=2]"], "did you mean 'order'"),
        (["--estimators", "jvi[order=two]"], "whole number"),
        (["--estimators", "adaptive+jvi"], "independent, identically distributed"),
        (["--models", "lognormall"], "did you mean 'lognormal'"),
        (["--models", "lognormal[s3=1]"], "did you mean 's2'"),
        (["--study", "defualt"], "did you mean 'default'"),
        (["--estimators", "adaptive", "--samples", "2,4"], "Raise --samples"),
        (["--device", "nowhere"], "--device cpu"),
        (["--plugin", "missing.py"], "give the path"),
        (["--resume"], "--output"),
    ],
)
def test_a_request_that_makes_no_sense_gets_a_sentence(bench, capsys, arguments, says):
    if arguments == ["--resume"]:
        from evidence_bench.benchmarks.run import main

        status, folder = main(arguments), Path("run")
    else:
        status, folder = bench(*arguments)
    said = capsys.readouterr().err
    assert status == 2
    assert says in said
    assert "Traceback" not in said
    assert not (folder / "cells").exists()


@pytest.mark.parametrize(
    "arguments",
    [["--samples", "0"], ["--samples", "x"], ["--samples", ","], ["--points", "-3"], ["--estimators", ","]],
)
def test_a_number_that_is_none_is_refused(bench, capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        bench(*arguments, small=False)
    assert stopped.value.code == 2
    assert "evidence-bench: error:" in capsys.readouterr().err


def test_an_unwritable_folder_is_named(bench, capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    status, _ = bench("--estimators", "iwae", folder="file/run")
    assert status == 2
    assert "choose another with --output" in capsys.readouterr().err


def test_a_used_folder_is_not_written_over(bench, capsys):
    assert bench("--estimators", "elbo")[0] == 0
    assert bench("--estimators", "elbo")[0] == 2
    assert "--resume" in capsys.readouterr().err
