"""A state that is truncated, corrupt, missing or of something else is refused by a sentence."""

from __future__ import annotations

import json
import random
import re

import pytest
import safetensors.torch
import torch

from evidence_bench.models.errors import BadData, CorruptCheckpoint
from evidence_bench.models.training import Training, state, train
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.training.run import Run
from evidence_bench.models.vaes import architecture
from tests.training.tiny import QUICK, bits, iwae, refused, tiny, trained


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The bytes of the state of a run of two passes."""
    out = tmp_path_factory.mktemp("state")
    train(
        tiny(),
        lambda _: bits(60),
        bits(20),
        iwae(),
        Training(2, 0),
        lambda _: None,
        lambda run: state.save(out, run, {"seed": 7}),
    )
    return (out / state.FILE).read_bytes()


def _load(folder, data):
    (folder / state.FILE).write_bytes(data)
    return state.load(folder)


def test_what_is_written_is_read(kept, tmp_path):
    tensors, curve, recipe = _load(tmp_path, kept)
    assert [point.number for point in curve] == [1, 2]
    assert recipe == {"seed": 7}
    assert {name.partition("/")[0] for name in tensors} == {"weights", "best", "optimiser"}


def _places(kept):
    """Of the bytes: 150 in the header, every digit of the curve, 50 in the tensors."""
    header = 8 + int.from_bytes(kept[:8], "little")
    text = kept[:header]
    told = text.index(b'{\\"recipe')
    digits = [
        told + match.start() for match in re.finditer(rb"\d", text[told : text.index(b"made_with", told)])
    ]
    mixed = random.Random(0)
    blank = len(text.rstrip(b" "))  # the header ends in blanks that mean nothing
    return [
        *mixed.sample(range(blank), 150),
        *mixed.sample(digits, 40),
        *mixed.sample(range(header, len(kept)), 50),
    ]


def test_one_wrong_bit_anywhere_is_noticed(kept, tmp_path):
    for place in _places(kept):
        wrong = bytearray(kept)
        wrong[place] ^= 1
        with pytest.raises(CorruptCheckpoint, match=r"\.$"):
            _load(tmp_path, bytes(wrong))


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.5, 0.999])
def test_a_truncated_state_is_refused(share, kept, tmp_path):
    with pytest.raises(CorruptCheckpoint, match="start the run again"):
        _load(tmp_path, kept[: int(share * len(kept))])


def test_other_files_are_no_state(kept, tmp_path):
    others = [
        kept + b"\0",
        b"pass,training\n" * 100,
        safetensors.torch.save({"a": torch.zeros(3)}),
        safetensors.torch.save({"a": torch.zeros(3)}, {"state": "[1]", "sha256": ""}),
    ]
    for data in others:
        with pytest.raises(CorruptCheckpoint, match="start the run again"):
            _load(tmp_path, data)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"k": "4"}, "at k: expected int, got str"),
        ({"options": {"passes": 1.5, "seed": 0}}, "at options.passes: expected int, got float"),
        ({"architecture": None}, "at architecture: expected object, got null"),
        ({"warmup": 3}, "has 'warmup', which this version does not know"),
    ],
)
def test_a_recipe_of_another_version_is_refused(change, says):
    known = named_recipe().as_dict()
    assert Recipe.of(known) == named_recipe()
    with pytest.raises(CorruptCheckpoint, match=f"{says}; start it again"):
        Recipe.of(known | change)
    with pytest.raises(CorruptCheckpoint, match="missing required field"):
        Recipe.of({"data": "digits"})


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            {"recipe": {}, "curve": [{"number": 1, "training": None}], "made_with": {}},
            r"at curve\[0\].training",
        ),
        ({"recipe": [], "curve": [], "made_with": {}}, "at recipe: expected object, got array"),
        ([], "expected object, got array"),
    ],
)
def test_a_state_that_is_whole_and_of_another_form_is_refused_by_its_field(tmp_path, told, says):
    tensors, text = {"a": torch.zeros(3)}, json.dumps(told)
    data = safetensors.torch.save(tensors, {"state": text, "sha256": state._digest(tensors, text)})
    with pytest.raises(CorruptCheckpoint, match=f"{says}.*start the run again"):
        _load(tmp_path, data)


def named_recipe():
    return Recipe("digits", "fixed", architecture.DIGITS, "iwae", 4, 1, Training(1, 0), 1)


def test_the_command_refuses_them_with_status_2(tmp_path, capsys):
    out = tmp_path / "run"
    assert "There is no" in refused(capsys, out, "--resume")
    assert trained(out, "--passes", "1", *QUICK) == 0
    path = out / state.FILE
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "is no state of a training run" in refused(capsys, out, "--resume")
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "not those that were written" in refused(capsys, out, "--resume")
    path.unlink()
    path.mkdir()
    assert "There is no" in refused(capsys, out, "--resume")


def test_other_images_are_refused_and_another_torch_is_told(tmp_path, monkeypatch):
    run = Run(tiny(), iwae(), Training(1, 0))
    run.one_pass(bits(20), bits(5))
    state.save(tmp_path, run, {}, "one hash")
    assert state.require_same_images(tmp_path, "one hash") == ""
    with pytest.raises(BadData, match="not those that the training began with"):
        state.require_same_images(tmp_path, "another hash")
    monkeypatch.setattr(torch, "__version__", "2.5.0")
    assert "not bit for bit" in state.require_same_images(tmp_path, "one hash")
