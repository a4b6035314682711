"""The card of a checkpoint: the JSON file beside it, checked field by field when it is read. No torch here.

A card need not hold more than the hash; what it holds has these types, and more is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from evidence_bench.models.door import checked, read_json
from evidence_bench.models.errors import CorruptCheckpoint

Card = dict[str, Any]
Width = Annotated[int, Meta(ge=1, le=10_000_000)]
Counted = Annotated[int, Meta(ge=0)]
_REMEDY = "restore it, or train again with python -m models.train"


class Architecture(TypedDict, total=False):
    """The network, as ``models.vaes.architecture`` builds it."""

    pixels: Width
    hidden: list[Width | list[Width]]
    latents: Width | list[Width]
    least_tail: Annotated[float, Meta(gt=0)]
    observation: str
    latent: str


class Data(TypedDict, total=False):
    """What it was trained on."""

    name: str
    variant: str
    binarisation: str
    sha256: str
    image_shape: Annotated[list[Width], Meta(min_length=2, max_length=2)]
    sizes: dict[str, Counted]


class Options(TypedDict, total=False):
    """Of the optimiser."""

    passes: Counted
    schedule: str


class MadeBy(TypedDict, total=False):
    """A recipe as far as it is read: tables of papers match it with theirs."""

    objective: str
    k: Annotated[int, Meta(ge=1)]
    order: Annotated[int, Meta(ge=1)]
    architecture: Architecture
    options: Options
    origin: str
    earlier: list[Stage]


class Stage(TypedDict, total=False):
    """A training that went before."""

    name: str
    recipe: MadeBy
    passes: Counted
    seconds: float


class TrainingFacts(Stage, total=False):
    """The training that made it."""

    curve: list[tuple[int, float, float]]


class TestFacts(TypedDict, total=False):
    """What it came to on the test split, in nats."""

    negative_log_likelihood: float
    negative_log_likelihood_stderr: float
    elbo: float
    samples: Counted
    images: Counted
    active_units: list[Counted]


class CardForm(TypedDict, total=False):
    """All of it."""

    name: str
    sha256: str
    architecture: Architecture
    data: Data
    training: TrainingFacts
    test: TestFacts


def read_card(path: Path) -> Card:
    """The card; CorruptCheckpoint where it is not there or names a field that has another type."""
    card = read_json(path, "keep the .json beside its .safetensors file", CorruptCheckpoint)
    checked(card, CardForm, path, _REMEDY, CorruptCheckpoint)
    found: Card = card
    return found


def declared_facts(model: object) -> dict[str, Any]:
    """Hashes that it declares of its checkpoint and data; none where it has none."""
    facts = getattr(model, "provenance", None)
    return dict(facts) if facts else {}
