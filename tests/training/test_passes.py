"""A pass: every image once, a step the mean of its own images, the report the mean of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

import pytest
import torch

from evidence_bench.models.data.splits import Split
from evidence_bench.models.training import Training, train
from evidence_bench.models.training.run import Run
from tests.training.tiny import bits, iwae, same, tiny

IMAGES, BATCH = 23, 5
FAR_BELOW = 1024.0  # 0: no log probability is above it


@dataclass
class Recorder:
    """Stands for an objective: the first pixel times (1 + a weight that is 0), less FAR_BELOW; it notes x."""

    k: int = 64
    seen: list = field(default_factory=list)

    def __call__(self, model, x, generator):
        self.seen.append(x[:, 0].tolist())
        weight = next(model.decoder.parameters()).flatten()[0].double()
        return x[:, 0].double() * (1 + weight) - FAR_BELOW

    def validate(self, model, x, times, generator):
        return self(model, x, generator).detach()


def _numbered():
    """x [23, 8] whose first pixel is the number of the image."""
    x = torch.zeros(IMAGES, 8)
    x[:, 0] = torch.arange(IMAGES)
    return x


def _run(seed=0, passes=2, recorder=None):
    recorder = recorder or Recorder()
    run = Run(tiny(), recorder, Training(passes, seed, batch=BATCH, learning_rate=1e-30))
    next(run.model.decoder.parameters()).data.zero_()
    return run, recorder


def test_every_image_once_a_pass_in_another_order():
    run, recorder = _run()
    for _ in range(2):
        run.one_pass(_numbered(), bits(1))
    passes = [recorder.seen[:5], recorder.seen[6:11]]  # the sixth is the validation
    for batches in passes:
        assert [len(batch) for batch in batches] == [5, 5, 5, 5, 3]
        assert sorted(chain(*batches)) == list(range(IMAGES))
    other, elsewhere = _run(seed=1)
    other.one_pass(_numbered(), bits(1))
    orders = [list(chain(*batches)) for batches in (*passes, elsewhere.seen[:5])]
    assert len({tuple(order) for order in [*orders, range(IMAGES)]}) == 4


def test_a_short_batch_counts_by_its_size_in_the_report_and_steps_by_its_own_mean():
    run, recorder = _run()
    gradients = []
    run.optimiser.register_step_pre_hook(
        lambda *_: gradients.append(-float(next(run.model.decoder.parameters()).grad.flatten()[0]))
    )
    point = run.one_pass(_numbered(), bits(1))
    assert point.training + FAR_BELOW == pytest.approx((IMAGES - 1) / 2, rel=1e-12)
    assert gradients == pytest.approx([sum(batch) / len(batch) for batch in recorder.seen[:5]])


def test_validation_uses_the_same_noise_after_every_pass_and_training_does_not():
    run = Run(tiny(), iwae(), Training(3, 0, learning_rate=1e-30, schedule="constant"))
    points = [run.one_pass(bits(20), bits(20)) for _ in range(3)]
    assert len({point.validation for point in points}) == 1
    assert len({point.training for point in points}) == 3
    assert run.best_point.number == 1  # the first of equals


def test_images_are_asked_for_once_a_pass_from_one():
    asked = []
    train(
        tiny(),
        lambda number: asked.append(number) or bits(20),
        bits(4),
        iwae(),
        Training(4, 0),
        lambda _: None,
    )
    assert asked == [1, 2, 3, 4]


def test_dynamic_binarisation_is_new_in_each_pass_and_the_same_for_the_same_pass():
    grey = torch.full((600, 8), 0.5)
    split = Split("synthetic", "train", grey, torch.arange(600), "dynamic")
    first = split.in_pass(1, 0)
    assert torch.equal(first, split.in_pass(1, 0))
    for other in (split.in_pass(2, 0), split.in_pass(1, 1), split.first()):
        # of 4800 fair bits 2400 +- 35 agree: 5 standard deviations are passed in 6e-7 of seeds
        assert abs(int((first == other).sum()) - 2400) < 5 * 35
    assert set(first.unique().tolist()) == {0.0, 1.0}


def test_the_pass_with_the_best_validation_is_kept():
    """From pass 4 on what is trained on is the negative of what is validated on."""
    told, weights = [], []
    x, model = bits(200) * (torch.arange(8) < 4), tiny()

    def progress(point):
        told.append(point)
        weights.append({name: value.clone() for name, value in model.state_dict().items()})

    options = Training(6, 0, batch=10, learning_rate=0.01, schedule="constant")
    found = train(model, lambda number: x if number < 4 else 1 - x, x[:50], iwae(), options, progress)
    assert [point.number for point in told] == [1, 2, 3, 4, 5, 6]
    assert found.curve == tuple(told)
    assert found.best == max(told, key=lambda point: point.validation) == told[2]
    assert told[2].validation > told[0].validation + 0.5
    assert same(found.model.state_dict(), weights[2])
