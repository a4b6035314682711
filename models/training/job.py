"""One call of the command: data and network from a recipe, training, card, and the files of the run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from evidence_bench.models import data
from evidence_bench.models.data import DataSet
from evidence_bench.models.networks import softplus
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training import measure, outputs, state
from evidence_bench.models.training.loop import Trained, train
from evidence_bench.models.training.objectives import Maximised
from evidence_bench.models.training.origin import weights_of
from evidence_bench.models.training.progress import Point, sentence
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.training.run import Run
from evidence_bench.models.vaes import architecture, checkpoint
from evidence_bench.models.vaes.vae import VAE

VALIDATION_IMAGES = 2000
LEAST_GREY = 1e-3  # a pixel that is never on starts at this probability


def started(out: Path) -> bool:
    """Whether the folder holds a training."""
    return (out / state.FILE).exists()


def resumed(out: Path) -> Recipe:
    """The recipe of the training in the folder."""
    return Recipe.of(state.load(out)[2])


def run(
    recipe: Recipe,
    objective: Maximised,
    *,
    out: Path,
    data_dir: Path | None,
    name: str | None,
    samples: int,
    start: str | None,
    resume: bool,
    half: bool = False,
) -> Path:
    """Train by the recipe, from the weights of ``start``, all files to ``out``; the checkpoint's path.

    ``half``: the checkpoint keeps float16; the card describes the rounded weights.
    """
    images = data.load(recipe.data, data_dir, recipe.binarisation)
    if resume and (notice := state.require_same_images(out, images.facts.sha256)):
        print(notice, file=sys.stderr)
    model = first_weights(recipe, images, start)

    def tell(point: Point) -> None:
        seconds = point.seconds / point.number
        print(sentence(point, recipe.options.passes, seconds), file=sys.stderr, flush=True)

    def save(run: Run) -> None:
        state.save(out, run, recipe.as_dict(), images.facts.sha256)
        outputs.write_curve(out / "curve.csv", run.curve)

    with softplus.expecting(recipe.options.passes * len(images.train) * recipe.k):  # the same when resumed
        trained = train(
            model,
            lambda number: images.train.in_pass(number, recipe.options.seed),
            _held_out(images),
            objective,
            recipe.options,
            tell,
            save,
            (lambda run: run.restore(*state.load(out)[:2])) if resume else None,
        )
    name = name or recipe.name
    outputs.write_curve(out / "curve.csv", trained.curve)
    outputs.plot_curve(out / "curve.png", trained.curve, name)
    path = out / f"{name}.safetensors"
    stored = checkpoint.stored(trained.model.state_dict(), half)
    trained.model.load_state_dict(stored)  # what is measured is what is kept
    checkpoint.save(path, stored, card(name, recipe, images, trained, samples))
    return path


def first_weights(recipe: Recipe, images: DataSet, start: str | None) -> VAE:
    """Those of ``start``, or Glorot's with the output bias at the mean image."""
    model = architecture.build(recipe.architecture)
    if start:
        model.load_state_dict(weights_of(start, recipe.origin))
        return model
    initialise(model, keyed_generator((recipe.options.seed, "initial weights")))
    mean = images.train.images.mean(0).clamp(LEAST_GREY, 1 - LEAST_GREY)
    with torch.no_grad():
        model.decoder.linear[-1].bias.copy_(model.observation.output_for(mean))
    return model


def card(name: str, recipe: Recipe, images: DataSet, trained: Trained, samples: int) -> dict[str, Any]:
    """All that is known of the checkpoint but for its hash."""
    print(f"measuring {name} on {len(images.test)} test images", file=sys.stderr, flush=True)
    x = images.test.first()
    model = trained.model.requires_grad_(False)
    return {
        "name": name,
        "architecture": dict(recipe.architecture),
        "data": images.facts.as_dict(),
        "training": {
            "recipe": recipe.as_dict(),
            "passes": len(trained.curve),
            "chosen_pass": trained.best.number,
            "chosen_by": f"the highest {_judged_by(recipe)} on the validation split",
            "validation_objective": trained.best.validation,
            "seconds": round(trained.curve[-1].seconds, 1),
            "torch": torch.__version__,
            "curve": [
                [point.number, round(point.training, 4), round(point.validation, 4)]
                for point in trained.curve
            ],
        },
        "test": {
            **measure.negative_log_likelihood(model, x, samples, from_prior=recipe.objective == "prior"),
            "active_units": [] if recipe.objective == "prior" else measure.active_units(model, x),
            "active_units_rule": f"Cov over test images of E_q[u|x] above {measure.ACTIVE}",
        },
    }


def _judged_by(recipe: Recipe) -> str:
    return "IWAE bound" if recipe.objective == "jvi" else "objective"


def _held_out(images: DataSet) -> Tensor:
    return images.validation.first(min(VALIDATION_IMAGES, len(images.validation)))
