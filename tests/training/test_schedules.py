"""The learning rates of the papers, and those that the optimiser really uses."""

from __future__ import annotations

from collections import Counter
from math import cos, pi

import pytest
import torch

from evidence_bench.models.errors import BadOption
from evidence_bench.models.training import Training
from evidence_bench.models.training.run import Run
from evidence_bench.models.training.schedules import SCHEDULES
from tests.training.tiny import bits, iwae, tiny


def test_stages_are_those_of_the_paper():
    """1e-3 * 10^(-i/7) for 3^i passes, i = 0..7: 3280 passes, every one of them checked."""
    used = [1e-3 * SCHEDULES["stages"](number / 3280) for number in range(3280)]
    paper = [1e-3 * 10 ** (-i / 7) for i in range(8) for _ in range(3**i)]
    assert used == pytest.approx(paper, rel=1e-15)
    assert sorted(Counter(used).values()) == [3**i for i in range(8)]
    assert used[-1] == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("constant", {0: 1, 0.5: 1, 1: 1}),
        ("cosine", {0: 1, 0.25: (1 + 0.5**0.5) / 2, 0.5: 0.5, 1: 0}),
        ("held", {0: 1, 0.25: 1, 0.5: 1, 0.75: 0.5, 1: 0}),
        ("stages", {0: 1, 1: 0.1}),
    ],
)
def test_shares_at_known_points(name, points):
    for done, share in points.items():
        assert SCHEDULES[name](done) == pytest.approx(share, abs=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_schedule_rises(name):
    shares = [SCHEDULES[name](i / 1000) for i in range(1001)]
    assert shares == sorted(shares, reverse=True)


def test_the_optimiser_uses_the_rate_of_the_schedule_at_every_step():
    run = Run(tiny(), iwae(), Training(4, 0, batch=8, learning_rate=0.01, schedule="cosine"))
    used = []
    run.optimiser.register_step_pre_hook(lambda optimiser, *_: used.append(optimiser.param_groups[0]["lr"]))
    for _ in range(4):
        run.one_pass(bits(20), bits(4))
    assert used == pytest.approx([0.01 * (1 + cos(pi * i / 12)) / 2 for i in range(12)])


def test_the_first_step_of_adam_is_the_learning_rate():
    """Adam's first step is rate * g / (abs g + epsilon): the rate itself where g is large."""
    model = tiny(dtype=torch.float64)
    before = [p.detach().clone() for p in model.parameters()]
    x = bits(20, dtype=torch.float64)
    Run(model, iwae(), Training(1, 0, batch=20, learning_rate=0.01, epsilon=1e-14)).one_pass(x, x[:4])
    steps = torch.cat(
        [(p.detach() - b).abs().ravel() for p, b in zip(model.parameters(), before, strict=True)]
    )
    assert float(steps.median()) == pytest.approx(0.01, rel=1e-9)
    assert float(steps.max()) == pytest.approx(0.01, rel=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"passes": 0},
        {"batch": 0},
        {"save_every": 0},
        {"validation_weights": 0},
        {"schedule": "steps"},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"epsilon": 0.0},
        {"weight_decay": -1.0},
        {"weight_decay": float("nan")},
    ],
)
def test_options_that_mean_nothing_are_refused(wrong):
    with pytest.raises(BadOption, match=r"\.$"):
        Training(**{"passes": 1, "seed": 0, **wrong})
