"""The shipped checkpoint, its card and its data; what is refused."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from evidence_bench.models import data
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import CorruptCheckpoint, NotApplicable
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training import log_weights
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.vaes import checkpoint
from evidence_bench.models.vaes.digits import DigitsVAE
from tests.statistical import assert_mean

SHIPPED = checkpoint.SHIPPED
SPLIT_SIZES = {"train": 1197, "validation": 200, "test": 400}


@pytest.fixture
def copied(tmp_path):
    """A copy of the shipped checkpoint and its card, to be damaged."""
    for suffix in (".safetensors", ".json"):
        shutil.copy(SHIPPED / f"digits-vae{suffix}", tmp_path / f"mine{suffix}")
    return tmp_path / "mine.safetensors"


def test_splits_are_binary_and_share_no_digit():
    digits = data.load("digits")
    splits = {name: digits.split(name).images for name in SPLIT_SIZES}
    assert {name: len(x) for name, x in splits.items()} == SPLIT_SIZES == digits.facts.sizes
    together = torch.cat(list(splits.values()))
    assert together.shape == (1797, 64)
    assert set(together.unique().tolist()) == {0.0, 1.0}
    from sklearn import datasets

    original = torch.from_numpy(datasets.load_digits().data >= 8).float()
    assert torch.equal(together.sum(0), original.sum(0))


def test_data_are_the_first_of_one_fixed_order():
    model = DigitsVAE()
    assert model.data(3).dtype == torch.float32
    assert torch.equal(model.data(3), model.data(9)[:3])
    assert torch.equal(model.data(400), data.load("digits").test.images)
    with pytest.raises(NotApplicable, match="400 images, not 401"):
        model.data(401)


def test_card_says_what_can_be_checked():
    card = DigitsVAE().card
    assert card["data"]["sha256"] == data.load("digits").facts.sha256
    assert card["data"]["sizes"] == SPLIT_SIZES
    assert Recipe.of(card["training"]["recipe"]).objective == "iwae"
    assert set(card["test"]) >= {"elbo", "elbo_stderr", "negative_log_likelihood", "active_units"}


def test_card_agrees_with_a_new_measurement():
    model = DigitsVAE()
    x = model.data(400).double()
    stated = model.card["test"]
    # 5000 weights of c2 about 1 for most digits: noise and bias of the stated mean are far below .01
    assert -model.log_evidence(x).mean().item() == pytest.approx(stated["negative_log_likelihood"], abs=0.01)
    network = model.network(torch.float64, x.device)
    log_w = log_weights(network, x, 100, keyed_generator(("another ELBO",)))
    # The same digits, so only the draws differ: those of the card add a tenth of this variance.
    assert_mean(log_w.mean(0).numpy(), stated["elbo"], sees=0.2)


def test_a_path_gives_the_same_model(copied):
    name, model = build_model(f"digits-vae[checkpoint={copied}]")
    x = model.data(2)
    assert name == "digits-vae"  # the same bytes
    assert torch.equal(model.log_joint(x, x[:, None, :2]), DigitsVAE().log_joint(x, x[:, None, :2]))


def _flip(path):
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


def _edit_card(path, **changes):
    card = path.with_suffix(".json")
    card.write_text(json.dumps({**json.loads(card.read_text()), **changes}))


DAMAGE = {
    "one bit": (_flip, "sha256 differs"),
    "cut short": (lambda p: p.write_bytes(p.read_bytes()[:-100]), "sha256 differs"),
    "no tensors": (lambda p: p.unlink(), "There is no checkpoint"),
    "no card": (lambda p: p.with_suffix(".json").unlink(), "beside"),
    "card not JSON": (lambda p: p.with_suffix(".json").write_text("{"), "beside"),
    "card a list": (
        lambda p: p.with_suffix(".json").write_text("[]"),
        "is wrong: expected object, got array",
    ),
    "card without hash": (lambda p: _edit_card(p, sha256=None), "at sha256: expected str, got null"),
    "another network": (
        lambda p: _edit_card(p, architecture={"pixels": 64, "hidden": [8], "latents": 2, "least_tail": 0.5}),
        "does not hold the network",
    ),
    "a width that is none": (
        lambda p: _edit_card(p, architecture={"pixels": 64, "hidden": [8, 0], "latents": 2}),
        r"at architecture.hidden\[1\]: expected int >= 1",
    ),
    "a training that is none": (
        lambda p: _edit_card(p, training={"recipe": {"k": "4"}}),
        "at training.recipe.k: expected int, got str",
    ),
    "no network": (lambda p: _edit_card(p, architecture={}), "does not hold the network"),
}


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_checkpoint_is_refused_when_it_is_built(copied, damage, sentence):
    damage(copied)
    with pytest.raises(CorruptCheckpoint, match=sentence):
        DigitsVAE(checkpoint=str(copied))


def test_bytes_that_match_their_card_and_are_no_safetensors_are_refused(copied):
    from evidence_bench.models.vaes.checkpoint import sha256

    copied.write_bytes(b"not tensors")
    _edit_card(copied, sha256=sha256(b"not tensors"))
    with pytest.raises(CorruptCheckpoint, match="no safetensors file"):
        DigitsVAE(checkpoint=str(copied))


def test_other_digits_are_refused(copied):
    told = json.loads(copied.with_suffix(".json").read_text())["data"]
    _edit_card(copied, data={**told, "sha256": "0"})
    with pytest.raises(NotApplicable, match=r"was trained on \(sha256"):
        DigitsVAE(checkpoint=str(copied)).data(2)
