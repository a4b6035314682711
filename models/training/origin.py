"""What a training goes on from: a checkpoint, or the last weights of a run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from evidence_bench.models.errors import BadOption, CorruptCheckpoint
from evidence_bench.models.files import expanded
from evidence_bench.models.training import state
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.vaes import checkpoint
from evidence_bench.models.vaes.checkpoint import Card

LAST = "weights/"  # in a state, the weights after its last pass


def described(origin: str) -> dict[str, Any]:
    """Its data set and binarisation, and what a recipe keeps of it: ``origin`` and ``earlier``."""
    name, _, card = _read(origin)
    return {
        "data": _told(card, origin, "data", "name"),
        "binarisation": card["data"].get("binarisation"),
        "origin": f"{name} sha256 {card['sha256']}",
        "earlier": _history(name, card),
    }


def _history(name: str, card: Card) -> list[dict[str, Any]]:
    """The trainings that made the checkpoint, the first of them first; of a foreign card its name alone."""
    training = dict(card.get("training") or {})
    recipe = dict(training.get("recipe") or {})
    before = list(recipe.pop("earlier", []))
    kept = {key: training[key] for key in ("passes", "chosen_pass", "seconds") if key in training}
    return [*before, {"name": name, **kept, "recipe": recipe}]


def architecture_of(origin: str, layers: int | None, pixels: int) -> dict[str, Any]:
    """The network of its card; BadOption where ``layers`` asks for another."""
    card = _read(origin)[2]
    latents = _told(card, origin, "architecture", "latents")
    have = 1 if isinstance(latents, int) else len(latents)
    if layers not in (None, have):
        raise BadOption(f"'{origin}' has {have} stochastic layers, not {layers}; leave out --layers.")
    architecture: dict[str, Any] = card["architecture"]
    if architecture["pixels"] != pixels:
        raise BadOption(
            f"'{origin}' is a model of {architecture['pixels']} pixels, not of the {pixels} of this data set."
        )
    return architecture


def weights_of(origin: str, described_as: str) -> dict[str, Tensor]:
    """Its tensors, where they are still those that the recipe names."""
    name, tensors, card = _read(origin)
    if f"{name} sha256 {card['sha256']}" != described_as:
        raise CorruptCheckpoint(f"'{origin}' has changed since it was first read; start again when it rests.")
    return tensors


def _read(origin: str) -> tuple[str, dict[str, Tensor], Card]:
    """Name, tensors and card of a checkpoint, or of the last weights of a run, finished or not."""
    if expanded(origin).is_dir():
        return _of_run(expanded(origin))
    path = checkpoint.find(origin)
    return path.stem, *checkpoint.load(path)


def _of_run(folder: Path) -> tuple[str, dict[str, Tensor], Card]:
    tensors, curve, told = state.load(folder)
    weights = {name.removeprefix(LAST): t for name, t in tensors.items() if name.startswith(LAST)}
    recipe = Recipe.of(told)
    training = {"recipe": told, "passes": len(curve), "seconds": round(curve[-1].seconds, 1)}
    card = {
        "architecture": dict(recipe.architecture),
        "data": {"name": recipe.data, "binarisation": recipe.binarisation},
        "training": training,
        "sha256": checkpoint.sha256(safetensors.torch.save(weights)),
    }
    return recipe.name, weights, card


def _told(card: Card, origin: str, part: str, key: str) -> Any:
    try:
        return card[part][key]
    except (KeyError, TypeError) as error:
        raise CorruptCheckpoint(
            f"The card of '{origin}' does not tell the {key} of its {part}; start from a checkpoint that "
            "python -m models.train has written."
        ) from error
