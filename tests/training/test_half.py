"""Checkpoints in half the space: the rounded weights are what the card describes and what is loaded."""

from __future__ import annotations

import pytest
import torch

from evidence_bench.models.errors import BadTraining
from evidence_bench.models.train import main
from evidence_bench.models.vaes import checkpoint
from evidence_bench.models.vaes.trained import TrainedVAE

QUICK = ["--data", "digits", "--passes", "1", "--test-samples", "8"]


def test_a_half_checkpoint_is_half_as_large_and_is_measured_as_it_is_kept(tmp_path):
    assert main([*QUICK, "--out", str(tmp_path / "whole"), "--name", "one"]) == 0
    assert main([*QUICK, "--out", str(tmp_path / "half"), "--name", "one", "--half"]) == 0
    whole, half = (tmp_path / kind / "one.safetensors" for kind in ("whole", "half"))
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    kept = checkpoint.load(half)[0]
    network = TrainedVAE(str(half)).network()
    for name, value in network.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, kept[name].float())
        assert torch.allclose(value, checkpoint.load(whole)[0][name], rtol=2**-10, atol=1e-6)


def test_a_finished_run_can_be_kept_in_half(tmp_path):
    out = tmp_path / "run"
    assert main([*QUICK, "--out", str(out), "--name", "one"]) == 0
    assert main(["--resume", "--half", "--out", str(out), "--name", "two", "--test-samples", "8"]) == 0
    assert {t.dtype for t in checkpoint.load(out / "two.safetensors")[0].values()} == {torch.float16}


def test_weights_too_large_for_float16_are_refused():
    with pytest.raises(BadTraining, match="leave out --half"):
        checkpoint.stored({"weight": torch.tensor([1e6])}, half=True)
