"""A run that was stopped, damaged or finished before, and goes on."""

import json
import shutil

import pandas as pd
import pytest

from evidence_bench.benchmarks.measuring import loop as study
from evidence_bench.benchmarks.record.schema import RESULT_SCHEMA_VERSION
from evidence_bench.benchmarks.run import main
from tests.bench.conftest import SMALL
from tests.bench.reading import UNTIMED, results, status_of


def test_resume_measures_only_what_is_missing(bench, monkeypatch):
    folder = bench("--estimators", "elbo,iwae")[1]
    before = results(folder)
    gone = next((folder / "cells").glob("*iwae*k8*.json"))
    gone.unlink()
    kept = {f.name: f.stat().st_mtime_ns for f in (folder / "cells").glob("*elbo*")}
    assert bench("--resume", small=False)[0] == 0
    assert {f.name: f.stat().st_mtime_ns for f in (folder / "cells").glob("*elbo*")} == kept
    pd.testing.assert_frame_equal(results(folder)[UNTIMED], before[UNTIMED])


def test_resume_of_a_finished_run_measures_nothing(bench, monkeypatch):
    bench("--estimators", "elbo")
    monkeypatch.setattr(study, "measure", None)
    monkeypatch.setattr(study, "Stopwatch", None)
    assert bench("--resume", small=False)[0] == 0


def test_resume_refuses_another_study(bench, capsys):
    bench("--estimators", "elbo")
    assert bench("--resume", "--seed", "3", small=False)[0] == 2
    assert "another seed" in capsys.readouterr().err


def test_an_interrupt_leaves_a_readable_folder(bench, monkeypatch, capsys):
    original, calls = study.measure, []

    def interrupted(draw, settings):
        calls.append(draw)
        if len(calls) > 1:
            raise KeyboardInterrupt
        yield from original(draw, settings)

    monkeypatch.setattr(study, "measure", interrupted)
    status, folder = bench("--estimators", "iwae,student-t")
    assert status == 130
    assert status_of(folder)["interrupted"]
    assert set(results(folder)["estimator"]) == {"iwae"}
    assert (folder / "report.html").exists()
    assert "--resume" in capsys.readouterr().out
    monkeypatch.setattr(study, "measure", original)
    assert bench("--resume", small=False)[0] == 0
    assert set(results(folder)["estimator"]) == {"iwae", "student-t"}


def test_resume_takes_another_memory_budget(bench):
    folder = bench("--estimators", "iwae")[1]
    next((folder / "cells").glob("*k8*.json")).unlink()
    assert bench("--resume", "--memory", "3", small=False)[0] == 0
    assert json.loads((folder / "config.json").read_text())["memory"] == 3 * 2**20


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished run of two cells; to be copied before it is damaged."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert main([*SMALL, "--estimators", "elbo,iwae", "--samples", "8", "--output", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("suffix", [".json", ".npz", ".timing.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"PK\x03\x04 cut short"])
def test_a_damaged_cell_is_measured_again(whole, bench, tmp_path, capsys, suffix, content):
    folder = shutil.copytree(whole, tmp_path / "run")
    before = results(folder)
    names = (folder / "cells").glob(f"*iwae*{suffix}")
    (damaged,) = (path for path in names if path.name.count(".") == suffix.count("."))
    damaged.write_bytes(content)
    assert bench("--resume", small=False)[0] == 0
    assert "measured again" in capsys.readouterr().err
    pd.testing.assert_frame_equal(results(folder)[UNTIMED], before[UNTIMED])


def test_a_run_of_another_version_is_refused_and_kept(bench, capsys):
    """Cells of before hold no version, and other arrays under other names."""
    folder = bench("--estimators", "iwae", "--samples", "8")[1]
    (old,) = (path for path in (folder / "cells").glob("*.json") if "timing" not in path.name)
    facts = json.loads(old.read_text())
    assert facts.pop("result_schema_version") == RESULT_SCHEMA_VERSION
    old.write_text(json.dumps(facts))
    capsys.readouterr()
    assert bench("--resume", small=False)[0] == 2
    assert "measured by another version of the bench" in capsys.readouterr().err
    assert json.loads(old.read_text()) == facts


@pytest.mark.parametrize("content", ["", "{}", "[]", "{"])
def test_a_damaged_configuration_is_named(bench, capsys, content):
    folder = bench("--estimators", "elbo", "--samples", "8")[1]
    (folder / "config.json").write_text(content)
    assert bench("--resume", small=False)[0] == 2
    said = capsys.readouterr().err
    assert "config.json" in said
    assert "Traceback" not in said


def test_a_folder_with_other_files_is_left_alone(bench, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("")
    assert bench("--estimators", "iwae")[0] == 2
    assert "holds other files" in capsys.readouterr().err


def test_an_interrupt_while_timing_keeps_what_is_known(bench, monkeypatch):
    original, calls = study.Stopwatch.round, []

    def interrupted(watch):
        calls.append(watch)
        if len(calls) > 2 * 4:  # two cells, in the fifth round
            raise KeyboardInterrupt
        original(watch)

    monkeypatch.setattr(study.Stopwatch, "round", interrupted)
    status, folder = bench("--estimators", "elbo", "--samples", "2,8")
    assert status == 130
    assert len(list((folder / "cells").glob("*.timing.json"))) == 2
    monkeypatch.setattr(study.Stopwatch, "round", original)
    assert bench("--resume", small=False)[0] == 0
