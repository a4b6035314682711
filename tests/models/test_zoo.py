"""The shipped checkpoints: listed, whole, made by recipes that are known, and measured on by name or path."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
import torch

from evidence_bench.models.catalogue import build_model, catalogue
from evidence_bench.models.data import require_comparable
from evidence_bench.models.errors import CorruptCheckpoint, MissingData, NotApplicable
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.vaes import checkpoint
from evidence_bench.models.zoo import main, shipped_cards

CARDS = shipped_cards()
MNIST = sorted(name for name in CARDS if name.startswith("mnist-"))


@pytest.mark.parametrize("name", CARDS)
def test_every_checkpoint_is_in_the_catalogue_and_is_what_its_card_says(name):
    model = build_model(name)[1]
    assert name in catalogue()
    assert model.card["name"] == name
    recipe = Recipe.of(model.card["training"]["recipe"])
    assert recipe.architecture == model.card["architecture"]
    assert model.network().latents == torch.tensor(recipe.architecture["latents"]).sum()
    assert model.card["test"]["negative_log_likelihood_stderr"] > 0


def test_the_checkpoints_are_small_together():
    assert sum(path.stat().st_size for path in checkpoint.SHIPPED.glob("*.safetensors")) < 15 * 2**20


def test_cards_hold_no_path_of_a_machine():
    for path in checkpoint.SHIPPED.glob("*.json"):
        assert '"/' not in path.read_text()


def test_the_list_and_a_card_are_printed(capsys):
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in CARDS)
    assert main(["digits-vae"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.keys() == CARDS["digits-vae"].keys()
    assert shown["test"] == CARDS["digits-vae"]["test"]
    assert main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == CARDS
    assert main(["digits-vea"]) == 2
    assert "digits-vae" in capsys.readouterr().err


def test_the_list_does_not_import_torch():
    code = (
        "import sys; from evidence_bench.models.zoo import main; main([]); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("name", MNIST)
def test_without_the_images_the_sentence_says_what_to_put_where(name, tmp_path, monkeypatch):
    monkeypatch.setenv("EVIDENCE_BENCH_DATA", str(tmp_path))
    with pytest.raises(MissingData, match="train-images-idx3-ubyte"):
        build_model(name)[1].data(2)


def test_numbers_on_one_data_set_are_comparable_and_others_are_not():
    digits, elbo, mnist = (build_model(n)[1].provenance for n in ("digits-vae", "digits-elbo", MNIST[0]))
    require_comparable(digits, elbo)
    with pytest.raises(NotApplicable, match="data sets"):
        require_comparable(digits, mnist)


def test_a_path_is_a_model(tmp_path):
    for suffix in (".safetensors", ".json"):
        shutil.copy(checkpoint.SHIPPED / f"digits-elbo{suffix}", tmp_path / f"mine{suffix}")
    path = str(tmp_path / "mine.safetensors")
    name, model = build_model(path)
    x = model.data(2)
    z = torch.zeros(2, 1, 2)
    assert name == "digits-elbo"  # the same bytes
    assert torch.equal(model.log_joint(x, z), build_model("digits-elbo")[1].log_joint(x, z))
    with pytest.raises(CorruptCheckpoint, match="There is no checkpoint"):
        build_model(str(tmp_path / "none.safetensors"))
