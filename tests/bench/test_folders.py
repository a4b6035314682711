"""A folder belongs to one run, however many ask for it at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from evidence_bench.benchmarks.record.folders import begun
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.run import main
from evidence_bench.benchmarks.speed import main as speed
from evidence_bench.models import files
from evidence_bench.models.errors import BadOption
from evidence_bench.models.files import create
from evidence_bench.models.taken import InUse, taken
from tests.bench.reading import status_of
from tests.bench.test_cli import ROOT
from tests.training.tiny import QUICK, trained

TINY = ("--models", "lognormal", "--estimators", "iwae", "--samples", "2", "--replicates", "3")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A finished run that takes no time to copy."""
    folder = tmp_path_factory.mktemp("once") / "run"
    assert main([*TINY, "--points", "2", "--output", str(folder)]) == 0
    return folder


@pytest.fixture
def run(once, tmp_path):
    """A copy of it, where ``bench`` has its own."""
    return Path(shutil.copytree(once, tmp_path / "run"))


def at_once(count, work):
    """What each of so many threads got from ``work(number)``, or the error; all start together."""
    found, barrier = [None] * count, threading.Barrier(count)

    def run(number):
        barrier.wait()
        try:
            found[number] = work(number)
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def begin(path, prefix="", seed=0):
    with begun(path, {"seed": seed}, prefix) as folder:
        assert json.loads((folder.path / "config.json").read_text(encoding="utf-8"))["seed"] == seed
        return folder.path


def test_of_many_that_name_none_each_gets_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = at_once(20, lambda number: begin(None, "speed-" if number % 2 else "", number))
    assert len(set(found)) == 20
    for number, path in enumerate(found):
        assert RunFolder(path).read_json("config.json") == {"seed": number}


def test_of_many_that_name_one_folder_one_gets_it(tmp_path):
    found = at_once(20, lambda number: begin(tmp_path / "run", seed=number))
    (ours,) = (number for number, got in enumerate(found) if not isinstance(got, Exception))
    assert RunFolder(tmp_path / "run").read_json("config.json") == {"seed": ours}
    assert all(isinstance(got, BadOption | InUse) for number, got in enumerate(found) if number != ours)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["config.json"]


@pytest.mark.parametrize("linked", [True, False])
def test_a_file_is_created_once_and_whole_where_there_are_no_links_too(tmp_path, monkeypatch, linked):
    if not linked:
        monkeypatch.setattr(files.os, "link", lambda *_: (_ for _ in ()).throw(OSError(1, "no links")))
    written = at_once(20, lambda number: create(tmp_path / "file", b"%d" % number * 1000))
    assert sorted(written) == [False] * 19 + [True]
    assert (tmp_path / "file").read_bytes() == b"%d" % written.index(True) * 1000
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_second_run_in_a_folder_is_refused_and_changes_nothing(bench, run, capsys):
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert bench(*TINY, "--seed", "1", small=False)[0] == 2
    assert "holds a run; add --resume" in capsys.readouterr().err
    assert speed(["--quick", "--output", str(run)]) == 2
    assert "holds a run" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_a_folder_in_use_is_neither_resumed_nor_trained_in(bench, run, tmp_path, capsys):
    assert trained(tmp_path / "t", "--passes", "1", *QUICK) == 0
    with taken(run), taken(tmp_path / "t"):
        assert bench("--resume", small=False)[0] == 2
        assert f"is being written to by process {os.getpid()} on" in capsys.readouterr().err
        assert trained(tmp_path / "t", "--resume", *QUICK[2:]) == 2
        assert f"'{tmp_path / 't'}' is being written to by process" in capsys.readouterr().err
    assert trained(tmp_path / "t", "--resume", *QUICK[2:]) == 0


def test_a_lock_ends_with_its_process_however_that_ends(tmp_path):
    code = (
        "import os, pathlib, sys; from evidence_bench.models.taken import taken\n"
        f"with taken(pathlib.Path({str(tmp_path)!r})):\n    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -9
    assert (tmp_path / ".lock").exists()
    with taken(tmp_path), pytest.raises(InUse), taken(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_cells_of_another_run_are_refused_by_name(bench, run, capsys):
    second = bench(*TINY, "--points", "2", "--seed", "1", small=False, folder="second")[1]
    for path in (run / "cells").iterdir():
        (second / "cells" / path.name).write_bytes(path.read_bytes())
    before = {path: path.read_bytes() for path in second.rglob("*") if path.is_file()}
    assert bench("--resume", small=False, folder="second")[0] == 2
    said = capsys.readouterr().err
    assert "was measured with seed 0, and the config.json of its folder has seed 1" in said
    assert {path: path.read_bytes() for path in second.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"replicates": 5}, "replicates 3, and the config.json of its folder has replicates 5"),
        ({"samples": [2, 4]}, "samples 2, and the config.json of its folder has samples 2,4"),
        ({"dtype": "float64", "points": 3}, "points 2, dtype None, and"),
    ],
)
def test_a_configuration_that_was_edited_does_not_fit_its_cells(bench, run, capsys, change, says):
    config = RunFolder(run).read_json("config.json")
    RunFolder(run).write_json("config.json", config | change)
    assert bench("--resume", small=False)[0] == 2
    assert says in capsys.readouterr().err


def test_models_and_estimators_may_be_added_to_a_configuration(bench, run):
    config = RunFolder(run).read_json("config.json")
    RunFolder(run).write_json("config.json", config | {"estimators": ["elbo", "iwae"]})
    assert bench("--resume", small=False)[0] == 0
    assert status_of(run)["finished"] == 2


def test_a_failed_start_leaves_the_folder_free(bench, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(files.Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    assert bench(*TINY, small=False)[0] == 1
    monkeypatch.undo()
    assert begin(tmp_path / "run") == tmp_path / "run"
