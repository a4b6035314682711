"""A training that goes on from a checkpoint starts from exactly its weights and says which they were."""

from __future__ import annotations

import json

import pytest
import torch

from evidence_bench.models.train import parser
from evidence_bench.models.training import job, state
from evidence_bench.models.training.choices import recipe_of
from evidence_bench.models.vaes import architecture, checkpoint
from tests.training.tiny import QUICK, digits, refused, same, trained


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A checkpoint of one pass."""
    out = tmp_path_factory.mktemp("origin")
    threads = torch.get_num_threads()
    assert trained(out, "--passes", "1", "--name", "start", "--seed", "3", *QUICK) == 0
    torch.set_num_threads(threads)
    return out / "start.safetensors"


def test_pass_zero_has_the_weights_of_the_origin(origin):
    given = parser().parse_args(["--from", str(origin), "--continue-as", "elbo", "--k", "1", "--out", "x"])
    recipe = recipe_of(given)
    assert (recipe.data, recipe.objective, recipe.k) == ("digits", "elbo", 1)
    tensors, card = checkpoint.load(origin)
    model = job.first_weights(recipe, digits(), str(origin))
    assert same(model.state_dict(), tensors)
    assert card["sha256"] in recipe.origin


def test_the_shipped_one_goes_by_its_name_and_a_vanishing_rate_leaves_its_weights(tmp_path):
    """One pass at a rate of 1e-30 and no weight decay to speak of: what is written is what was read."""
    arguments = ("--from", "digits-vae", "--passes", "1", "--learning-rate", "1e-30", *QUICK)
    assert trained(tmp_path, *arguments) == 0
    shipped, card = checkpoint.load(checkpoint.find("digits-vae"))
    found, written = checkpoint.load(tmp_path / "digits-vae-then-iwae4.safetensors")
    assert same(found, shipped)
    assert card["sha256"] in written["training"]["recipe"]["origin"]
    assert "digits-vae" in written["training"]["recipe"]["origin"]


def test_going_on_differs_from_starting_and_is_resumed_without_the_origin(origin, tmp_path, monkeypatch):
    arguments = ("--passes", "2", "--k", "2", "--continue-as", "elbo", *QUICK)
    monkeypatch.chdir(origin.parent)
    assert trained(tmp_path / "run", "--from", origin.name, *arguments) == 0
    (path,) = (tmp_path / "run").glob("start-then-elbo2.safetensors")
    first = path.read_bytes()
    card = json.loads(path.with_suffix(".json").read_text())
    assert checkpoint.load(origin)[1]["sha256"] in card["training"]["recipe"]["origin"]
    path.unlink()
    monkeypatch.chdir(tmp_path)
    assert trained(tmp_path / "run", "--resume", *QUICK[2:]) == 0
    assert path.read_bytes() == first


def test_a_changed_file_is_refused(origin, tmp_path, capsys):
    data = bytearray(origin.read_bytes())
    data[-1] ^= 1
    (tmp_path / "start.safetensors").write_bytes(bytes(data))
    (tmp_path / "start.json").write_text(origin.with_suffix(".json").read_text())
    path = tmp_path / "start.safetensors"
    assert "not those that its card describes" in refused(capsys, tmp_path / "run", "--from", path)
    path.with_suffix(".json").unlink()
    assert "keep the .json beside its .safetensors file" in refused(capsys, tmp_path / "run", "--from", path)


def _checkpoint(folder, **card):
    model = architecture.build(architecture.DIGITS)
    checkpoint.save(folder / "other.safetensors", model.state_dict(), card)
    return folder / "other.safetensors"


@pytest.mark.parametrize("card", [{}, {"data": {}}, {"data": {"name": "digits"}}])
def test_a_card_that_does_not_say_what_it_is_of_is_refused(card, tmp_path, capsys):
    told = refused(capsys, tmp_path / "run", "--from", _checkpoint(tmp_path, **card), "--passes", "1", *QUICK)
    assert "card" in told


def test_a_network_for_other_images_is_refused(tmp_path, capsys):
    sizes = {**architecture.DIGITS, "pixels": 49}
    model = architecture.build(sizes)
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, model.state_dict(), {"architecture": sizes, "data": {"name": "digits"}})
    assert "pixels" in refused(capsys, tmp_path / "run", "--from", path, "--passes", "1", *QUICK)


def test_a_run_that_was_left_goes_on_with_other_options_from_its_last_weights(tmp_path):
    assert trained(tmp_path / "one", "--passes", "2", "--name", "one", *QUICK) == 0
    arguments = ("--from", tmp_path / "one", "--objective", "elbo", "--passes", "1", "--name", "two", *QUICK)
    assert trained(tmp_path / "two", *arguments) == 0
    recipe = checkpoint.load(tmp_path / "two" / "two.safetensors")[1]["training"]["recipe"]
    (before,) = recipe["earlier"]
    assert (before["passes"], before["recipe"]["objective"]) == (2, "iwae")
    again = recipe_of(parser().parse_args(["--out", "x", "--from", str(tmp_path / "one")]))
    model = job.first_weights(again, digits(), str(tmp_path / "one"))
    last = {name: t for name, t in state.load(tmp_path / "one")[0].items() if name.startswith("weights/")}
    assert same({f"weights/{name}": value for name, value in model.state_dict().items()}, last)
