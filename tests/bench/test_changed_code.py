"""A resumed run goes on with the code that it began with, or measures again what other code measured."""

from __future__ import annotations

import json

import pytest

from evidence_bench.benchmarks.record import sources
from evidence_bench.benchmarks.record.sources import Sources
from tests.bench.reading import results, status_of

PLUGIN = """
from helper import SCALE

def scaled(log_w):
    from late import SHIFT
    return log_w.mean(-1) * SCALE + SHIFT

def register(bench):
    bench.add_estimator("scaled", reducer=scaled)
"""
SMALL = ("--models", "lognormal", "--samples", "2", "--replicates", "3", "--points", "2")


@pytest.fixture
def plugin(tmp_path):
    """write(scale=1.0, shift=0.0, more="") -> the arguments that use it."""

    def write(scale=1.0, shift=0.0, more=""):
        (tmp_path / "mine.py").write_text(PLUGIN + more, encoding="utf-8")
        (tmp_path / "helper.py").write_text(f"SCALE = {scale}", encoding="utf-8")
        (tmp_path / "late.py").write_text(f"SHIFT = {shift}", encoding="utf-8")
        return ("--plugin", "mine.py", *SMALL, "--estimators", "elbo,scaled")

    return write


def value(folder, estimator):
    return results(folder).set_index("estimator").loc[estimator, "log_evidence"]


def test_a_plug_in_or_what_it_imports_that_changed_is_refused_by_name(bench, plugin, tmp_path, capsys):
    folder = bench(*plugin(), small=False)[1]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for change, named in (
        ({"scale": 2.0}, "helper.py"),
        ({"shift": 1.0}, "late.py"),  # imported inside the function
        ({"more": "\n# a word\n"}, "mine.py"),
    ):
        plugin(**change)
        assert bench("--resume", small=False)[0] == 2
        said = capsys.readouterr().err
        assert f"{tmp_path / named} has changed since 1 of the finished cells were measured" in said
        assert "--remeasure" in said
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    plugin()  # as it was
    assert bench("--resume", small=False)[0] == 0


def test_remeasure_measures_the_cells_of_the_changed_plug_in_and_no_others(bench, plugin, capsys):
    folder = bench(*plugin(), small=False)[1]
    elbo, scaled = value(folder, "elbo"), value(folder, "scaled")
    kept = {path: path.stat().st_mtime_ns for path in (folder / "cells").glob("*elbo*")}
    plugin(scale=2.0)
    assert bench("--resume", "--remeasure", small=False)[0] == 0
    assert "scaled K=2 was measured by other code; it is measured again" in capsys.readouterr().err
    assert (value(folder, "elbo"), value(folder, "scaled")) == (elbo, pytest.approx(2 * scaled))
    assert {path: path.stat().st_mtime_ns for path in (folder / "cells").glob("*elbo*")} == kept
    assert bench("--resume", small=False)[0] == 0  # and is at rest


def test_a_plug_in_that_was_mended_before_it_measured_anything_goes_on(bench, plugin, tmp_path):
    folder = bench(*plugin(shift="1 / 0"), small=False)[1]
    assert [failed["estimator"] for failed in status_of(folder)["failed"]] == ["scaled"]
    plugin(shift=1.0)
    assert bench("--resume", small=False)[0] == 0
    assert not status_of(folder)["failed"]


def test_our_own_code_is_held_to_the_same(bench, monkeypatch, capsys):
    folder = bench(*SMALL, "--estimators", "elbo", small=False)[1]
    ours = sources.project_files()
    changed = ours | {"estimators/reducers/mean.py": "0" * 64}
    monkeypatch.setattr(sources, "project_files", lambda: changed)
    assert bench("--resume", small=False)[0] == 2
    assert "estimators/reducers/mean.py has changed since 1 of the finished cells" in capsys.readouterr().err
    assert bench("--resume", "--remeasure", small=False)[0] == 0
    assert json.loads((folder / "code.json").read_text(encoding="utf-8"))["project"] == changed
    assert bench("--resume", small=False)[0] == 0


def test_what_decides_a_number_is_hashed_and_what_shows_it_is_not():
    files = set(sources.project_files())
    assert {
        "benchmarks/measuring/draws.py",
        "benchmarks/measuring/gathering.py",
        "benchmarks/measuring/timing.py",
    } <= files
    assert {
        "benchmarks/references/reference.py",
        "models/networks/fused.py",
        "estimators/counted.py",
    } <= files
    assert (
        not {"benchmarks/command/progress.py", "benchmarks/record/results.py", "benchmarks/study/cli.py"}
        & files
    )
    assert not [path for path in files if path.startswith(("reports", "tests", "benchmarks/throughput"))]


def test_two_plug_ins_of_one_file_name_are_two(bench, tmp_path, capsys):
    for name in "ab":
        (tmp_path / name).mkdir()
        text = f"def register(bench): bench.add_estimator('{name}', reducer=lambda log_w: log_w.mean(-1))"
        (tmp_path / name / "mine.py").write_text(text, encoding="utf-8")
    two = ("--plugin", "a/mine.py", "--plugin", "b/mine.py", "--plugin", "./a/../b/mine.py")
    folder = bench(*two, *SMALL, "--estimators", "a,b", small=False)[1]
    told = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["plugins"]
    assert list(told) == [str(tmp_path / name / "mine.py") for name in "ab"]
    assert len(set(told.values())) == 2
    with (tmp_path / "a" / "mine.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert bench("--resume", small=False)[0] == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'a' / 'mine.py'} has changed since 1 of" in said
    assert str(tmp_path / "b") not in said


def test_remeasure_without_resume_is_refused(bench, capsys):
    assert bench("--remeasure")[0] == 2
    assert "add --resume" in capsys.readouterr().err


def test_sources_tell_what_changed():
    before = Sources({"a.py": "1", "b.py": "2"}, {"p": {}})
    assert before.changed(Sources({"a.py": "1", "b.py": "2"}, {})) == []
    assert before.changed(Sources({"a.py": "3", "c.py": "4"}, {})) == ["a.py", "b.py", "c.py"]
    assert before.digest([]) != before.digest(["p"])
