"""A checkpoint of one's own is one model, whatever its path is called, and keyed by its content."""

from __future__ import annotations

import json
import os
import shutil

import pytest
import torch

from evidence_bench.benchmarks.study.plan import make_plan
from evidence_bench.benchmarks.study.plugins import Bench
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.models.catalogue import build, build_model
from evidence_bench.models.errors import BadOption
from evidence_bench.models.vaes import checkpoint
from evidence_bench.models.vaes.checkpoint_names import path_and_options, resolved
from tests.bench.reading import results


@pytest.fixture
def own(tmp_path, monkeypatch):
    """own(name, shift=1e-3): a checkpoint near digits-vae under that path, in the current folder."""
    monkeypatch.chdir(tmp_path)

    def make(name, shift=1e-3):
        tensors, card = checkpoint.load(checkpoint.find("digits-vae"))
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.save(path, {key: value + shift for key, value in tensors.items()}, card)
        return path

    return make


def planned(*models):
    return make_plan(Settings(models, ("iwae",), (2,), 3, 2), Bench())


def test_every_spelling_of_a_path_is_one_model_with_one_key(own, tmp_path, monkeypatch):
    path = own("m.safetensors")
    for suffix in ("safetensors", "json"):
        os.symlink(path.with_suffix(f".{suffix}"), tmp_path / f"link.{suffix}")
        shutil.copy(path.with_suffix(f".{suffix}"), tmp_path / f"copy.{suffix}")
    monkeypatch.setenv("HOME", str(tmp_path))
    spellings = ["m.safetensors", "./m.safetensors", str(path), "~/m.safetensors", "link.safetensors"]
    spellings += [
        "copy.safetensors",
        "digits-vae[checkpoint=m.safetensors]",
        "digits-vae:checkpoint=m.safetensors",
    ]
    digest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
    assert {build(text).key for text in spellings} == {f"checkpoint {digest}"}
    assert {cell.model for cell in planned(*spellings).cells} == {"m.safetensors"}
    assert {resolved(text) for text in spellings[:4]} == {str(path)}


def test_a_shipped_checkpoint_has_its_name_by_any_path(own, tmp_path):
    shipped = str(checkpoint.SHIPPED / "digits-elbo.safetensors")
    shutil.copy(shipped, tmp_path / "mine.safetensors")
    shutil.copy(shipped.replace("safetensors", "json"), tmp_path / "mine.json")
    for text in (shipped, "mine.safetensors", "digits-vae[checkpoint=digits-elbo]", "digits-elbo"):
        assert (build(text).name, build(text).key) == ("digits-elbo", "digits-elbo")
    path = f"{checkpoint.SHIPPED}/digits-vae.safetensors"
    assert build(f"{path}[simulated=true]").name == "digits-vae[simulated=true]"
    assert build("digits-vae").key == "digits-vae"  # what built-in numbers have always been keyed by


def test_files_of_one_name_and_other_content_are_told_apart(own):
    first, second = own("a/m.safetensors"), own("b/m.safetensors", shift=2e-3)
    plan = planned(str(first), "digits-vae", str(second))
    digest = json.loads(second.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
    assert list(plan.names.values()) == ["m.safetensors", "digits-vae", f"m.safetensors@{digest[:8]}"]
    assert plan.text_of(f"m.safetensors@{digest[:8]}") == str(second)


@pytest.mark.parametrize("text", ["{}[simulated=true]", "{}:simulated=true", " {}[ simulated = true ] "])
def test_a_path_takes_options(own, text):
    path = own("o.w-n +1.safetensors")
    built = build(text.format(path))
    assert built.name == "o.w-n--1.safetensors[simulated=true]"
    assert built.key.startswith("checkpoint ")
    assert built.key.endswith("[simulated=true]")
    other = build(f"digits-vae[checkpoint={path},simulated=true]")
    assert torch.equal(built.model.data(3), other.model.data(3))
    assert path_and_options(resolved(text.format(path))) is not None


def test_what_a_path_does_not_take_is_refused(own):
    own("m.safetensors")
    with pytest.raises(BadOption, match="leave out the option 'checkpoint'"):
        build_model("m.safetensors[checkpoint=digits-vae]")
    with pytest.raises(BadOption, match="has no option 'simulatd'; did you mean 'simulated'"):
        build_model("m.safetensors[simulatd=true]")


def test_runs_of_one_content_give_the_same_numbers(bench, own, monkeypatch, tmp_path):
    """Whatever the file is called; and a resume finds it from another folder."""
    own("m.safetensors")
    own("elsewhere/n.safetensors")
    small = ("--estimators", "iwae", "--samples", "2,4", "--replicates", "3", "--points", "2")
    first = bench("--models", "m.safetensors,./m.safetensors", *small, small=False, folder="a")[1]
    second = bench("--models", "elsewhere/n.safetensors", *small, small=False, folder="b")[1]
    assert list(results(first)["model"]) == ["m.safetensors"] * 2
    assert list(results(second)["model"]) == ["n.safetensors"] * 2
    for column in ("log_evidence", "bias", "variance", "c2"):
        assert list(results(first)[column]) == list(results(second)[column])
    next((first / "cells").glob("*k4*.json")).unlink()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert bench("--resume", small=False, folder="a")[0] == 0
    assert list(results(first)["log_evidence"]) == list(results(second)["log_evidence"])
