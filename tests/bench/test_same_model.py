"""A run goes on with the checkpoint it began with, and runs on different data are not compared."""

from __future__ import annotations

import shutil

import pytest

from evidence_bench.benchmarks.record.provenance import require_same_model
from evidence_bench.benchmarks.record.run_times import DifferentRuns, compare_runs
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.vaes import checkpoint
from tests.bench.reading import results, status_of


def _put(name, path):
    for suffix in (".safetensors", ".json"):
        shutil.copy(checkpoint.SHIPPED / f"{name}{suffix}", path.with_suffix(suffix))


def test_another_checkpoint_under_the_same_name_is_refused_on_resume(bench, tmp_path, capsys):
    path = tmp_path / "mine.safetensors"
    _put("digits-vae", path)
    arguments = ("--estimators", "iwae", "--models", path.name, "--samples", "2,4", "--points", "3")
    status, folder = bench(*arguments)
    assert status == 0
    before = results(folder)
    for file in (folder / "cells").glob("*-k4-*"):  # a cell that is still to be measured
        file.unlink()
    _put("digits-elbo", path)
    status, folder = bench("--resume", small=False)
    assert status == 1
    assert "not the one that this run began with" in status_of(folder)["failed"][0]["reason"]
    after = results(folder)
    assert after["reference"].nunique() == 1
    assert set(after["reference"]) <= set(before["reference"])


def test_only_what_both_tell_is_compared():
    require_same_model("m", {}, {"checkpoint_sha256": "1"})
    require_same_model("m", {"checkpoint_sha256": "1"}, {"checkpoint_sha256": "1"})
    with pytest.raises(NotApplicable, match="data of 'm'"):
        require_same_model("m", {"data_sha256": "1"}, {"data_sha256": "2"})


def test_runs_on_other_data_or_another_checkpoint_are_not_compared(bench, tmp_path):
    folders, path = [], tmp_path / "mine.safetensors"
    tensors, card = checkpoint.load(checkpoint.find("digits-vae"))
    for shift in (1e-3, 2e-3):
        checkpoint.save(path, {name: value + shift for name, value in tensors.items()}, card)
        arguments = ("--estimators", "iwae", "--models", "mine.safetensors", "--samples", "2")
        folders.append(bench(*arguments, folder=str(shift))[1])
    with pytest.raises(DifferentRuns, match=r"the checkpoint of mine\.safetensors"):
        compare_runs(*folders, 0.05)
    provenance = folders[1] / "provenance.json"
    text = provenance.read_text().replace('"binarisation": "fixed"', '"binarisation": "dynamic"')
    provenance.write_text(text)
    with pytest.raises(DifferentRuns, match="Numbers on different binarisations"):
        compare_runs(*folders, 0.05)
