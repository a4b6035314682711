"""A trained VAE from its checkpoint, with the test images of the data it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from models import architecture, checkpoint, data
from models.checkpoint import Card
from models.data import Split
from models.data.facts import provenance_of
from models.errors import BenchError, CorruptCheckpoint, NotApplicable
from models.network_model import NetworkModel
from models.vae import VAE

SPLIT = "test"


@dataclass(frozen=True)
class TrainedVAE(NetworkModel):
    """The VAE of ``checkpoint``: a shipped name or the path of a .safetensors file with its card beside it.

    Computes in the dtype and on the device of what it is given. Made by ``python -m models.train``.
    """

    checkpoint: str

    def __post_init__(self) -> None:
        self._check_card()  # reads the file: a corrupt one is refused here, not when it is first used
        self.offer_curvature()

    def _check_card(self) -> None:
        told = {"data": ("name", "variant", "binarisation", "sha256"), "training": ("recipe",)}
        for part, keys in told.items():
            missing = [key for key in keys if key not in (self.card.get(part) or {})]
            if missing:
                raise CorruptCheckpoint(
                    f"The card of '{self.checkpoint}' does not tell the {missing[0]} of its {part}; "
                    "restore it, or train again with python -m models.train."
                )

    @cached_property
    def _stored(self) -> tuple[dict[str, Tensor], Card]:
        return checkpoint.load(checkpoint.find(self.checkpoint))

    def original(self) -> VAE:
        """The network of the card with the weights of the file."""
        tensors, card = self._stored
        try:
            network = architecture.build(card["architecture"])
            network.load_state_dict(tensors)
        except (KeyError, TypeError, RuntimeError, BenchError) as error:
            raise CorruptCheckpoint(
                f"'{self.checkpoint}' does not hold the network that its card describes; "
                "train again with python -m models.train."
            ) from error
        return network

    @property
    def card(self) -> Card:
        """What is known of the checkpoint: data, recipe, test results, hash."""
        return self._stored[1]

    @property
    def provenance(self) -> dict[str, Any]:
        """What a number measured on this model carries: the data, the checkpoint's hash, its recipe."""
        return {
            **provenance_of(self.card["data"], SPLIT),
            "checkpoint_sha256": self.card["sha256"],
            "recipe": self.card["training"]["recipe"],
        }

    @cached_property
    def _images(self) -> Split:
        told = self.card["data"]
        loaded = data.load(told["name"], binarisation=told["binarisation"])
        if loaded.facts.sha256 != told["sha256"]:
            raise NotApplicable(
                f"These {told['name']} images are not those that '{self.checkpoint}' was trained on (sha256 "
                "differs); restore the original files, or train again with python -m models.train."
            )
        return loaded.split(SPLIT)

    def data(self, n: int) -> Tensor:
        """The first n test images [n, pixels], float32; they are looked for where models.data looks."""
        return self._images.first(n)
