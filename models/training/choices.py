"""From what was typed to a recipe: what is usual for the data fills what was not typed."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evidence_bench.models import data
from evidence_bench.models.data import Facts
from evidence_bench.models.errors import BadOption
from evidence_bench.models.training.options import Training
from evidence_bench.models.training.origin import architecture_of, described
from evidence_bench.models.training.recipe import Recipe
from evidence_bench.models.vaes import architecture


@dataclass(frozen=True)
class Usual:
    """What a data set is trained with where nothing is typed."""

    objective: str
    k: int
    options: Training


# The shipped digits-vae's. Its weight decay is strong: that keeps the decoder of a small data set smooth, and
# its posteriors near one mode.
DIGITS = Usual("iwae", 4, Training(120, 0, batch=50, learning_rate=3e-3, schedule="cosine", weight_decay=0.5))
IMAGES = Usual("elbo", 1, Training(100, 0))
SEVERAL = 4  # weights of an objective that is not the ELBO, where nothing is typed
THINNABLE = ("elbo", "iwae", "jvi")
_OPTIONS = ("passes", "seed", "batch", "learning_rate", "schedule", "save_every")


def recipe_of(given: Namespace) -> Recipe:
    """The recipe that the command line asks for; BadOption where its parts do not go together."""
    _check_origin(given)
    origin = described(given.origin) if given.origin else {}
    name = given.data or origin.get("data", "digits")
    usual = DIGITS if name == "digits" else IMAGES
    objective = given.continue_as or given.objective or usual.objective
    typed = {key: getattr(given, key) for key in _OPTIONS if getattr(given, key) is not None}
    facts = data.load(name, given.data_dir, _binarisation(given, name, origin)).facts
    recipe = Recipe(
        data=name,
        binarisation=facts.binarisation,
        architecture=_architecture(given, facts),
        objective=objective,
        k=_usual_k(objective, usual) if given.k is None else given.k,
        order=1 if given.order is None else given.order,
        options=replace(usual.options, **typed),
        threads=1 if given.threads is None else given.threads,
        follow=given.follow or 0,
        origin=origin.get("origin", ""),
        earlier=origin.get("earlier", []),
    )
    _check(recipe, given)
    return recipe


def _binarisation(given: Namespace, name: str, origin: Mapping[str, Any]) -> str | None:
    """What is typed, else the origin's, else grey for a Gaussian observation, else the usual one (None)."""
    of_origin = origin.get("binarisation") if name == origin.get("data") else None
    return given.binarisation or of_origin or ("none" if given.observation == "gaussian" else None)


def _usual_k(objective: str, usual: Usual) -> int:
    """The data set's; but one weight would make every other objective the ELBO."""
    return usual.k if objective == "elbo" else max(usual.k, SEVERAL)


def _architecture(given: Namespace, facts: Facts) -> Mapping[str, Any]:
    pixels = facts.image_shape[0] * facts.image_shape[1]
    kinds = {
        key: value for key, value in (("observation", given.observation), ("latent", given.latent)) if value
    }
    if given.origin:
        if kinds:
            raise BadOption(f"The network is that of --from; leave out --{next(iter(kinds))}.")
        return architecture_of(given.origin, given.layers, pixels)
    if facts.name == "digits" and given.layers is None and given.latent != "bernoulli":
        return architecture.with_kinds(architecture.DIGITS, **kinds)
    return architecture.of_paper(pixels, given.layers or 1, **kinds)


def _check_origin(given: Namespace) -> None:
    if given.continue_as and not given.origin:
        raise BadOption("--continue-as goes on from a checkpoint; name it in --from.")
    if given.continue_as and given.objective:
        raise BadOption("--continue-as is the objective; leave out --objective.")


def _check(recipe: Recipe, given: Namespace) -> None:
    if given.order is not None and recipe.objective != "jvi":
        raise BadOption("--order belongs to the objective jvi; leave it out, or add --objective jvi.")
    binary = recipe.architecture.get("observation", "bernoulli") == "bernoulli"
    if binary and recipe.binarisation == "none":
        raise BadOption("Grey pixels are no zeros and ones: add --observation gaussian, or binarise them.")
    if recipe.architecture.get("latent") == "bernoulli" and recipe.k < 2 and recipe.objective != "prior":
        raise BadOption("Bernoulli latents are trained on at least two draws; add --k 2 or more.")
    if recipe.order < 1:
        raise BadOption(f"--order of the jackknife is at least 1, not {recipe.order}.")
    least = recipe.order + 1 if recipe.objective == "jvi" else 1
    if recipe.k < least:
        raise BadOption(f"The objective {recipe.objective} needs --k of at least {least}, not {recipe.k}.")
    if given.follow is not None and not (recipe.objective in THINNABLE and 1 <= given.follow < recipe.k):
        raise BadOption(f"--follow is 1 to k - 1, for the objectives {', '.join(THINNABLE)}.")
    cores = os.cpu_count() or 1
    if not 1 <= recipe.threads <= cores:
        raise BadOption(f"--threads is 1 to {cores}, the cores of this machine, not {recipe.threads}.")
    if recipe.options.seed < 0:
        raise BadOption(f"--seed is at least 0, not {recipe.options.seed}.")
