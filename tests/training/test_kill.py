"""A training that is killed and resumed gives the weights of one that was left alone, bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from evidence_bench.models.training import Training, state, train
from evidence_bench.models.vaes import checkpoint
from tests.training.tiny import QUICK, bits, named, same, tiny, trained

ROOT = Path(__file__).parents[2]
PASSES = 20
NAME = "digits-iwae4-2d"


def _killed(out, *arguments):
    """Starts the command in a process of its own and kills it after some passes; how many were kept."""
    command = [sys.executable, "-m", "models.train", *arguments, "--out", str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 60
        while not (out / state.FILE).exists():
            assert process.poll() is None, "the training ended before it kept a state"
            assert time.monotonic() < limit, "no state was kept in a minute"
            time.sleep(0.01)
        time.sleep(0.2)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    return len(state.load(out)[1])


def test_a_kill_and_a_resume_give_the_same_bytes(tmp_path, capsys):
    arguments = ["--passes", str(PASSES), *QUICK]
    passes = _killed(tmp_path / "killed", *arguments)
    assert 1 <= passes < PASSES
    (tmp_path / "killed" / ".0123456789ab.1.part").write_bytes(b"half of a file that the kill left")
    samples = QUICK[2:]
    assert trained(tmp_path / "killed", "--resume", *samples) == 0
    assert trained(tmp_path / "undisturbed", *arguments) == 0
    told = capsys.readouterr().err
    assert f"pass {passes + 1} of {PASSES}" in told
    paths = [tmp_path / folder / f"{NAME}.safetensors" for folder in ("killed", "undisturbed")]
    (resumed, card), (expected, other) = map(checkpoint.load, paths)
    assert same(resumed, expected)
    assert card["sha256"] == other["sha256"]
    assert card["training"]["curve"] == other["training"]["curve"]
    assert card["test"] == other["test"]
    assert same(state.load(tmp_path / "killed")[0], state.load(tmp_path / "undisturbed")[0])
    assert not list((tmp_path / "killed").glob("*.part"))


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def _train(folder, objective, stop=0, restore=None, kind="two layers"):
    """Four passes, two kept; with ``stop`` the kill comes when one pass more than ``stop`` is done."""
    x = bits(60)

    def progress(point):
        if point.number == stop + 1 and stop:
            raise Killed

    options = Training(4, 3, batch=16, learning_rate=0.001, save_every=2)  # at ten times this jvi runs away
    return train(
        tiny(kind),
        lambda number: x.roll(number, 0),
        bits(20, seed=1),
        objective,
        options,
        progress,
        lambda run: state.save(folder, run, {}),
        restore,
    )


@pytest.mark.parametrize("kind", ["one layer", "two layers", "Johnson"])
@pytest.mark.parametrize("name", ["elbo", "iwae", "jvi", "prior", "iwae-kl"])
def test_every_objective_resumes_exactly(name, kind, tmp_path):
    objective = named(name, 3)
    with pytest.raises(Killed):
        _train(tmp_path, objective, stop=2, kind=kind)
    assert len(state.load(tmp_path)[1]) == 2
    tensors, curve, _ = state.load(tmp_path)
    resumed = _train(tmp_path, objective, restore=lambda run: run.restore(tensors, curve), kind=kind)
    expected = _train(tmp_path / "undisturbed", objective, kind=kind)
    assert same(resumed.model.state_dict(), expected.model.state_dict())
    curves = [[(p.number, p.training, p.validation) for p in found.curve] for found in (resumed, expected)]
    assert curves[0] == curves[1]
    assert same(state.load(tmp_path)[0], state.load(tmp_path / "undisturbed")[0])


def test_what_is_kept_is_not_changed_by_the_passes_that_follow(tmp_path):
    """The best weights and the optimiser's moments are copies, not views of what is trained on."""
    kept = {}

    def save(run):
        kept[run.passes] = {name: value.clone() for name, value in run.tensors().items()}
        state.save(tmp_path / str(run.passes), run, {})

    train(
        tiny(), lambda _: bits(60), bits(20), named("iwae", 3), Training(3, 0, batch=16), lambda _: None, save
    )
    for number, tensors in kept.items():
        assert same(state.load(tmp_path / str(number))[0], tensors)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_kill_in_the_middle_of_writing_leaves_the_last_state(step, tmp_path, monkeypatch):
    saved = []

    def save(run):
        if saved:
            monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], _kill)
        state.save(tmp_path, run, {})
        saved.append(run.passes)

    with pytest.raises(Killed):
        train(tiny(), lambda _: bits(60), bits(20), named("iwae", 3), Training(3, 0), lambda _: None, save)
    monkeypatch.undo()
    assert saved == [1]
    assert len(list(tmp_path.glob(".*.part"))) == 1
    assert len(state.load(tmp_path)[1]) == 1


def _kill(*_):
    raise Killed


def test_a_second_resume_of_a_finished_run_writes_the_same(tmp_path):
    arguments = ["--passes", "2", *QUICK]
    assert trained(tmp_path, *arguments) == 0
    path = tmp_path / f"{NAME}.safetensors"
    first = path.read_bytes(), json.loads(path.with_suffix(".json").read_text())
    path.unlink()
    assert trained(tmp_path, "--resume", *QUICK[2:]) == 0
    assert (path.read_bytes(), json.loads(path.with_suffix(".json").read_text())) == first


def test_results_on_two_threads_resume_exactly_too(tmp_path):
    torch.set_num_threads(2)
    objective = named("iwae", 3)
    with pytest.raises(Killed):
        _train(tmp_path, objective, stop=2)
    tensors, curve, _ = state.load(tmp_path)
    resumed = _train(tmp_path, objective, restore=lambda run: run.restore(tensors, curve))
    assert same(resumed.model.state_dict(), _train(tmp_path, objective).model.state_dict())
