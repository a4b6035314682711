"""A trained VAE from its checkpoint, with test images of its data or images that it simulates itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from evidence_bench.models import data
from evidence_bench.models.base import Simulated
from evidence_bench.models.data import DataSet, Split
from evidence_bench.models.data.facts import provenance_of
from evidence_bench.models.errors import BenchError, CorruptCheckpoint, NotApplicable
from evidence_bench.models.randomness import KeyedDraws, keyed_generator
from evidence_bench.models.vaes import architecture, checkpoint
from evidence_bench.models.vaes.checkpoint import Card
from evidence_bench.models.vaes.network_model import NetworkModel
from evidence_bench.models.vaes.vae import VAE

SPLIT = "test"


@dataclass(frozen=True)
class TrainedVAE(NetworkModel):
    """The VAE of ``checkpoint``: a shipped name or the path of a .safetensors file with its card beside it.

    Computes in the dtype and on the device of what it is given. Made by ``python -m models.train``.
    simulated: its data are draws from the model and not test images, so that their latents are known and
    no data files are needed.
    """

    checkpoint: str  # a shipped name, or the path of a .safetensors file
    simulated: bool = False  # measure on draws from the model, not on test images

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
        except (LookupError, TypeError, ValueError, RuntimeError, MemoryError, BenchError) as error:
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
        split = "simulated" if self.simulated else SPLIT
        return {
            **provenance_of(self.card["data"], split),
            "checkpoint_sha256": self.card["sha256"],
            "recipe": self.card["training"]["recipe"],
        }

    @cached_property
    def _images(self) -> Split:
        return self._loaded().split(SPLIT)

    def _loaded(self) -> DataSet:
        told = self.card["data"]
        loaded = data.load(told["name"], binarisation=told["binarisation"])
        if loaded.facts.sha256 != told["sha256"]:
            raise NotApplicable(
                f"These {told['name']} images are not those that '{self.checkpoint}' was trained on (sha256 "
                "differs); restore the original files, or train again with python -m models.train."
            )
        return loaded

    def require_data(self) -> None:
        """Nothing, or the error that ``data`` would end in for want of images."""
        if not self.simulated:
            self._loaded()

    def data(self, n: int) -> Tensor:
        """The first n test images [n, pixels], float32, looked for by models.data; or n simulated."""
        return self._simulated(n).x if self.simulated else self._images.first(n)

    def latents(self, n: int) -> Tensor:
        """The z [n, L] that ``data(n)`` was simulated from; NotApplicable where it was not."""
        if not self.simulated:
            raise NotApplicable(
                f"The latents of test images are not known; use '{self.checkpoint}[simulated=true]'."
            )
        return self._simulated(n).z

    def _simulated(self, n: int) -> Simulated:
        """Point i is the same for every n; the bytes of the checkpoint decide, not where it lies."""
        keys = [("data", self.card["sha256"], "point", i) for i in range(n)]
        return self.simulate(n, KeyedDraws(tuple(keyed_generator(key) for key in keys), block=1))
