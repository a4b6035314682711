"""Training: the same bytes twice, a better model, the pass chosen by validation; its command."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from models.digits import DigitsVAE, build_vae, load_digits
from models.networks import initialise
from models.randomness import keyed_generator
from models.train import ARCHITECTURE, main, objective_of
from models.training import Training, train


def _mean(log_w):
    return log_w.mean(-1)


def _trained(passes, told):
    digits = load_digits()
    model = build_vae(ARCHITECTURE)
    initialise(model, keyed_generator((0, "initial weights")))
    options = Training(passes=passes, seed=0)
    return train(model, digits.train[:300], digits.validation[:50], _mean, options, lambda *a: told.append(a))


def test_the_best_pass_on_the_validation_split_is_kept():
    told = []
    trained = _trained(6, told)
    assert [number for number, _, _ in told] == [1, 2, 3, 4, 5, 6]
    assert trained.validation == max(validation for _, _, validation in told)
    assert told[trained.best_pass - 1][2] == trained.validation
    assert told[-1][1] > told[0][1] + 5  # nats a digit


def test_the_global_generator_is_not_touched():
    before = torch.get_rng_state()
    DigitsVAE().data(1)
    _trained(1, [])
    assert torch.equal(before, torch.get_rng_state())


def test_the_same_seed_gives_the_same_weights():
    first, second = (_trained(2, []).model.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_command_writes_a_checkpoint_and_its_card(tmp_path, capsys):
    threads = torch.get_num_threads()
    assert main(["--objective", "elbo", "--k", "2", "--passes", "1", "--out", str(tmp_path / "new")]) == 0
    torch.set_num_threads(threads)
    path = tmp_path / "new" / "digits-vae.safetensors"
    printed = capsys.readouterr()
    assert printed.out.strip() == str(path)
    assert "pass 1: training" in printed.err
    card = DigitsVAE(checkpoint=str(path)).card
    assert card["training"]["objective"] == "elbo"
    assert "--objective elbo --k 2 --passes 1 --seed 0" in card["training"]["command"]
    assert card["test"]["elbo"] < card["test"]["log_likelihood"]


def test_objectives_are_those_of_their_names():
    log_w = torch.tensor([[0.0, 1.0, 3.0], [-2.0, -2.0, -2.0]]).double()
    torch.testing.assert_close(objective_of("elbo")(log_w), log_w.mean(-1))
    torch.testing.assert_close(objective_of("iwae")(log_w), log_w.exp().mean(-1).log())


def test_help_does_not_import_torch():
    code = (
        "import sys, models.train\n"
        "try:\n    models.train.main(['--help'])\n"
        "except SystemExit as end:\n    sys.exit(end.code or 'torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "--passes" in result.stdout


@pytest.mark.parametrize("wrong", [["--passes", "0"], ["--k", "0"], ["--seed", "-1"], ["--objective", "jvi"]])
def test_bad_arguments_end_with_status_2(wrong, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main([*wrong, "--out", str(tmp_path)])
    assert end.value.code == 2
    assert wrong[0] in capsys.readouterr().err
