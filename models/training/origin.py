"""The checkpoint that a training goes on from."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from models import checkpoint
from models.checkpoint import Card
from models.errors import BadOption, CorruptCheckpoint


def described(origin: str) -> dict[str, Any]:
    """Its data set and binarisation, and what a recipe keeps of it: ``origin`` and ``earlier``."""
    path = checkpoint.find(origin)
    card = checkpoint.load(path)[1]
    return {
        "data": _told(card, origin, "data", "name"),
        "binarisation": card["data"].get("binarisation"),
        "origin": f"{path.stem} sha256 {card['sha256']}",
        "earlier": _history(path.stem, card),
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
    card = checkpoint.load(checkpoint.find(origin))[1]
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


def weights_of(origin: str) -> dict[str, Tensor]:
    """Its tensors."""
    return checkpoint.load(checkpoint.find(origin))[0]


def _told(card: Card, origin: str, part: str, key: str) -> Any:
    try:
        return card[part][key]
    except (KeyError, TypeError) as error:
        raise CorruptCheckpoint(
            f"The card of '{origin}' does not tell the {key} of its {part}; start from a checkpoint that "
            "python -m models.train has written."
        ) from error
