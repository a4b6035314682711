"""Networks and trainings that take milliseconds."""

from __future__ import annotations

import torch

from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.models import data
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.train import main, objective_of
from evidence_bench.models.training import Objective, Training
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.vaes import architecture

PIXELS = 8
ARCHITECTURES = {
    "one layer": {"pixels": PIXELS, "hidden": [[7]], "latents": [3]},
    "two layers": {"pixels": PIXELS, "hidden": [[7], [5]], "latents": [3, 2]},
    "Johnson": {"pixels": PIXELS, "hidden": [7], "latents": 2, "least_tail": 0.9},
}
# Large batches: a pass is three steps, so the time is that of the validation.
QUICK = ["--batch", "400", "--test-samples", "10"]


def tiny(kind="one layer", dtype=torch.float32, seed=0):
    """An untrained VAE of 8 pixels."""
    model = architecture.build(ARCHITECTURES[kind]).to(dtype)
    initialise(model, keyed_generator((seed, "tiny")))
    return model


def bits(n, seed=0, dtype=torch.float32):
    """x [n, 8] of zeros and ones."""
    return (torch.rand(n, PIXELS, generator=torch.Generator().manual_seed(seed)) < 0.4).to(dtype)


def iwae(k=3):
    return Objective(LogMeanExp(), k)


def named(objective, k, order=1):
    """The objective as the command makes it."""
    options = Training(1, 0)
    return objective_of(Recipe("digits", "fixed", architecture.DIGITS, objective, k, order, options, 1))


def trained(out, *arguments):
    """Runs the command in this process; its exit status."""
    return main([*map(str, arguments), "--out", str(out)])


def refused(capsys, out, *arguments):
    """The one sentence with which the command refuses."""
    assert trained(out, *arguments) == 2
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert told.startswith("models.train: ")
    assert told.endswith(".")
    return told


def same(first, second):
    """Whether two sets of tensors are the same, bit for bit."""
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def digits():
    return data.load("digits")
