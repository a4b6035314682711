"""Numbers that are not finite end a training with a sentence, and the last good state is kept."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.models.errors import BadTraining
from evidence_bench.models.training import Objective, Training, state, train
from tests.training.tiny import bits, same, tiny, trained

BAD = 17  # the image
BATCHES = 5


@dataclass
class Counting:
    """LogMeanExp that counts its calls: 5 batches a pass, then the validation."""

    calls: int = 0

    def __call__(self, log_w):
        self.calls += 1
        return LogMeanExp()(log_w)


def _spoilt(x, value):
    x = x.clone()
    x[BAD, 3] = value
    return x


def _train(folder, images, held_out=None, reduce=None, restore=None, **options):
    held_out = bits(20, seed=1) if held_out is None else held_out
    return train(
        tiny(),
        images,
        held_out,
        Objective(reduce or LogMeanExp(), 3),
        Training(**{"passes": 4, "seed": 0, "batch": 10, **options}),
        lambda _: None,
        lambda run: state.save(folder, run, {}),
        restore,
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_an_image_that_is_not_finite_is_named_and_the_last_state_goes_on(value, tmp_path):
    x, reduce = bits(50), Counting()
    before = 2 * (BATCHES + 1)  # two good passes, each with its validation
    with pytest.raises(BadTraining) as told:
        _train(tmp_path, lambda number: _spoilt(x, value) if number == 3 else x, reduce=reduce)
    batch = reduce.calls - before
    assert 1 <= batch <= BATCHES
    assert f"pass 3, batch {batch}:" in str(told.value)
    assert f"images {BAD};" in str(told.value)
    tensors, curve, _ = state.load(tmp_path)
    assert len(curve) == 2
    resumed = _train(tmp_path, lambda _: x, restore=lambda run: run.restore(tensors, curve))
    expected = _train(tmp_path / "undisturbed", lambda _: x)
    assert same(resumed.model.state_dict(), expected.model.state_dict())


@pytest.mark.parametrize("name", ["mean of -inf", "nan"])
def test_an_objective_that_is_not_finite_names_its_images(name, tmp_path):
    calls = []

    def reduce(log_w):
        calls.append(1)
        bad = torch.nan if name == "nan" else -torch.inf
        return log_w.mean(-1).double() + (bad if len(calls) == 2 else 0)

    with pytest.raises(BadTraining, match=r"pass 1, batch 2, which holds the training images (\d+, ){9}\d+;"):
        _train(tmp_path, lambda _: bits(50), reduce=reduce)
    assert not (tmp_path / state.FILE).exists()


def test_weights_that_explode_end_the_training(tmp_path):
    with pytest.raises(BadTraining, match=r"pass \d, batch \d.* images .* lower learning rate\."):
        _train(tmp_path, lambda _: bits(50), learning_rate=1e30)


def test_weights_that_explode_later_leave_the_last_good_state(tmp_path):
    """The last step of pass 3 makes NaN of the weights; no loss of that pass shows it."""
    steps = []

    def reduce(log_w):
        steps.append(torch.is_grad_enabled())
        value = LogMeanExp()(log_w)
        if torch.is_grad_enabled() and sum(steps) == 3 * BATCHES:
            value.register_hook(lambda gradient: gradient * torch.nan)
        return value

    with pytest.raises(BadTraining, match="validation split is not finite after pass 3"):
        _train(tmp_path, lambda _: bits(50), reduce=reduce)
    tensors, curve, _ = state.load(tmp_path)
    assert len(curve) == 2
    assert all(tensor.isfinite().all() for tensor in tensors.values())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_validation_that_is_not_finite_ends_the_training(value, tmp_path):
    with pytest.raises(BadTraining, match="validation split is not finite after pass 1; train with a lower"):
        _train(tmp_path, lambda _: bits(50), _spoilt(bits(20), value))
    assert not (tmp_path / state.FILE).exists()


def test_the_command_says_it_with_status_2(tmp_path, capsys):
    assert trained(tmp_path, "--passes", "2", "--batch", "100", "--learning-rate", "1e30") == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert told[0].startswith("models.train: The objective is not finite in pass 1, batch ")
    assert told[0].endswith("lower learning rate.")


def test_an_objective_of_few_images_names_all_and_of_many_the_first_twenty(tmp_path):
    def reduce(log_w):
        return log_w.mean(-1) * torch.nan

    for batch, ending in ((20, r"(\d+, ){19}\d+;"), (50, r"(\d+, ){20}\.\.\.;")):
        with pytest.raises(BadTraining, match=f"images {ending}"):
            _train(tmp_path, lambda _: bits(50), reduce=reduce, batch=batch)


def test_a_jackknife_that_runs_away_is_stopped_and_said_so(tmp_path):
    def rising(log_w):  # no bound: the spread of the weights counts as gain
        return log_w.mean(-1) + 100 * log_w.var(-1)

    with pytest.raises(BadTraining, match="above 0, which no log probability"):
        _train(tmp_path, lambda _: bits(50), reduce=rising, learning_rate=0.05, passes=30)
