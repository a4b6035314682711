"""What the command refuses, each by one sentence with status 2, and what it says while it trains."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evidence_bench.benchmarks.command.running import INTERRUPTED
from evidence_bench.models.training import job
from tests.training.tiny import QUICK, refused, trained

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--passes", "0"], "passes of at least 1, not 0"),
        (["--passes", "-3"], "passes of at least 1, not -3"),
        (["--seed", "-1"], "--seed is at least 0"),
        (["--threads", "0"], "--threads is 1 to"),
        (["--k", "0"], "--k of at least 1, not 0"),
        (["--batch", "0"], "batch of at least 1"),
        (["--save-every", "0"], "save_every of at least 1"),
        (["--learning-rate", "0"], "learning rate"),
        (["--learning-rate", "nan"], "learning rate"),
        (["--learning-rate", "inf"], "learning rate"),
        (["--objective", "jvi", "--k", "1"], "--k of at least 2, not 1"),
        (["--objective", "jvi", "--order", "3", "--k", "3"], "--k of at least 4, not 3"),
        (["--order", "2"], "--order belongs to the objective jvi"),
        (["--objective", "elbo", "--order", "1"], "--order belongs to the objective jvi"),
        (["--continue-as", "iwae"], "name it in --from"),
        (["--from", "digits-vae", "--continue-as", "elbo", "--objective", "elbo"], "leave out --objective"),
        (["--from", "digits-vae", "--layers", "2"], "leave out --layers"),
        (["--from", "digits"], "no checkpoint 'digits'"),
        (["--data", "mnits"], "did you mean 'mnist'"),
        (["--data", "mnist", "--data-dir", "nowhere"], "nowhere"),
        (["--resume"], "There is no"),
        (["--resume", "--passes", "3"], "leave out --passes"),
        (["--resume", "--objective", "elbo"], "leave out --objective"),
        (["--resume", "--from", "digits-vae"], "leave out --from"),
        (["--resume", "--learning-rate", "0.1"], "leave out --learning-rate"),
        (["--resume", "--continue-as", "elbo"], "leave out --continue-as"),
    ],
)
def test_refused_by_a_sentence(arguments, told, tmp_path, capsys):
    assert told in refused(capsys, tmp_path / "run", *arguments)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--test-samples", "0"], "--test-samples"),
        (["--objective", "jvi", "--order", "0"], "--order"),
        (["--objective", "jvi", "--order", "11", "--k", "20"], "at most 10"),
        (["--name", "state"], "--name"),
        (["--name", "../elsewhere"], "--name"),
        (["--name", "a" * 250], "give a shorter --name"),
        (["--name", "\u6a21" * 82], "give a shorter --name"),
    ],
)
def test_refused_before_anything_is_trained(arguments, told, tmp_path, capsys):
    assert told in refused(capsys, tmp_path / "run", *arguments, "--passes", "1", "--batch", "400")
    assert not (tmp_path / "run").exists()


def test_a_file_in_place_of_the_folder_is_refused_before_anything_is_trained(tmp_path, capsys):
    (tmp_path / "run").write_text("not a folder")
    assert "--out" in refused(capsys, tmp_path / "run", "--passes", "1", *QUICK)
    assert "pass 1" not in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--layers", "--objective", "--schedule", "--binarisation"])
def test_words_and_numbers_that_are_no_choice_end_with_status_2(option, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        trained(tmp_path, option, "3")
    assert end.value.code == 2
    assert f"argument {option}: invalid choice" in capsys.readouterr().err


def test_a_folder_with_a_training_takes_no_other(tmp_path, capsys):
    assert trained(tmp_path, "--passes", "1", *QUICK) == 0
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert "add --resume, or name another folder" in refused(capsys, tmp_path, "--passes", "2", *QUICK)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_an_interrupt_is_told_how_to_go_on(tmp_path, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "run", interrupt)
    assert trained(tmp_path, "--passes", "1") == INTERRUPTED
    assert capsys.readouterr().err == "models.train: interrupted; go on with --resume.\n"


def test_help_does_not_import_torch():
    code = (
        "import sys, models.train\n"
        "try:\n    models.train.main(['--help'])\n"
        "except SystemExit as end:\n    sys.exit(end.code or 'torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    for option in ("--passes", "--continue-as", "--resume", "--schedule"):
        assert option in result.stdout
