"""A VAE trained on 8x8 handwritten digits, whose evidence is exact by quadrature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import checkpoint, quadrature
from models.base import Moments, Proposal, Simulated
from models.checkpoint import Card
from models.encoders import JohnsonEncoder
from models.errors import CorruptCheckpoint, NotApplicable
from models.networks import TanhNetwork
from models.oracles.options import device_of
from models.randomness import Generator
from models.vae import VAE

SHIPPED = Path(__file__).parent / "checkpoints" / "digits-vae.safetensors"
THRESHOLD = 8  # of the grey levels 0 to 16: a pixel is 1 from here on
SPLIT_SEED = 0
SPLIT_SIZES = {"train": 1197, "validation": 200, "test": 400}


@dataclass(frozen=True)
class Digits:
    """The three splits [n, 64] of zeros and ones (float32) and the hash of the grey levels."""

    train: Tensor
    validation: Tensor
    test: Tensor
    sha256: str


def load_digits() -> Digits:
    """scikit-learn's 1797 digits of 8 x 8 grey levels, made binary at THRESHOLD and split.

    The order, and so the split, is that of a hash of (SPLIT_SEED, number of the digit): fixed on every
    platform, and blind to the labels.
    """
    grey = grey_levels()
    pixels = torch.from_numpy((grey[fixed_order(len(grey))] >= THRESHOLD).astype(np.float32))
    train, validation, test = torch.split(pixels, list(SPLIT_SIZES.values()))
    return Digits(train, validation, test, hashlib.sha256(grey.tobytes()).hexdigest())


def grey_levels() -> np.ndarray:
    """The digits [1797, 64] uint8, 0 to 16, in scikit-learn's order."""
    from sklearn import datasets

    grey: np.ndarray = datasets.load_digits().data.astype(np.uint8)
    return grey


def fixed_order(n: int) -> list[int]:
    """The numbers 0..n-1 in the order in which the splits are cut from them."""
    return sorted(range(n), key=_place)


def _place(number: int) -> bytes:
    return hashlib.sha256(f"digits split {SPLIT_SEED}, digit {number}".encode()).digest()


def build_vae(architecture: Mapping[str, Any]) -> VAE:
    """The untrained network of a card's ``architecture``: pixels, hidden, latents, least_tail."""
    pixels, latents = architecture["pixels"], architecture["latents"]
    hidden = list(architecture["hidden"])
    encoder = JohnsonEncoder(pixels, hidden, latents, architecture["least_tail"])
    return VAE(encoder, TanhNetwork([latents, *reversed(hidden), pixels]), latents)


@dataclass(frozen=True)
class DigitsVAE:
    """z ~ N(0, I_2), x given z ~ Bernoulli(decoder(z)), 64 binary pixels; q(z|x) is Johnson's S_U.

    Computes in the dtype and on the device of what it is given. ``checkpoint`` is the path of another
    .safetensors file with its card beside it, made by ``python -m models.train``; empty: the shipped one.
    """

    checkpoint: str = ""

    def __post_init__(self) -> None:
        self._stored  # noqa: B018  a corrupt checkpoint is refused here, not when it is first used

    @cached_property
    def _stored(self) -> tuple[VAE, Card]:
        path = Path(self.checkpoint) if self.checkpoint else SHIPPED
        tensors, card = checkpoint.load(path)
        try:
            network = build_vae(card["architecture"])
            network.load_state_dict(tensors)
        except (KeyError, TypeError, RuntimeError) as error:
            raise CorruptCheckpoint(
                f"'{path}' does not hold the network that its card describes; "
                "train again with python -m models.train."
            ) from error
        return network.requires_grad_(False), card

    @cached_property
    def _copies(self) -> dict[tuple[torch.dtype, torch.device], VAE]:
        return {}

    @property
    def values_an_evaluation(self) -> int:
        """Noise, latents and what the proposal makes of them; logits are held for a few rows only."""
        return 16 * int(self.card["architecture"]["latents"])

    @property
    def truth(self) -> str:
        """How log p(x) is known."""
        return "quadrature on a grid over the two latents, with its error stated for each point"

    @property
    def provenance(self) -> dict[str, Any]:
        """The hashes of checkpoint and data, and how the checkpoint was made."""
        card = self.card
        return {
            "checkpoint_sha256": card["sha256"],
            "data_sha256": card["data"]["sha256"],
            "split": "test",
            "binarisation": card["data"]["binarisation"],
            "trained_by": card["training"]["command"],
        }

    @property
    def card(self) -> Card:
        """What is known of the checkpoint: data, split, training command, test results, hash."""
        return self._stored[1]

    def network(self, dtype: torch.dtype, device: torch.device) -> VAE:
        """The network in that dtype on that device."""
        key = (dtype, device)
        if key not in self._copies:
            copy = build_vae(self.card["architecture"]).requires_grad_(False)
            copy.load_state_dict(self._stored[0].state_dict())
            self._copies[key] = copy.to(device=device, dtype=dtype)
        return self._copies[key]

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) [B, K] in z's dtype."""
        return self.network(z.dtype, z.device).log_joint(x, z)

    def proposal(self, x: Tensor) -> Proposal:
        """The encoder's JohnsonSU."""
        return self.network(x.dtype, x.device).proposal(x)

    def prior(self, x: Tensor) -> Proposal:
        """N(0, I)."""
        return self.network(x.dtype, x.device).prior(x)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, 64] and z [n, 2], float32."""
        return self.network(torch.float32, device_of(generator)).simulate(n, generator)

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient [B, 2] of log_joint at z [B, 2] and its Gauss-Newton precision [B, 2, 2]."""
        return self.network(z.dtype, z.device).gauss_newton(x, z)

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B] by quadrature, float64."""
        return quadrature.log_evidence(self, x)[0]

    def log_evidence_stderr(self, x: Tensor) -> Tensor:
        """The stated error [B] of log_evidence, in nats; a bound on quadrature's, not a random error."""
        return quadrature.log_evidence(self, x)[1]

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B] of the encoder's weights by quadrature, float64."""
        return quadrature.weight_moments(self, x)[0]

    def data(self, n: int) -> Tensor:
        """The first n test digits [n, 64], float32, in a fixed shuffled order."""
        digits = load_digits()
        if n > len(digits.test):
            raise NotApplicable(f"There are {len(digits.test)} test digits, not {n}; ask for fewer points.")
        if digits.sha256 != self.card["data"]["sha256"]:
            raise NotApplicable(
                "These digits are not those that the model was trained on; install a scikit-learn whose "
                "load_digits is the original, or train again with python -m models.train."
            )
        return digits.test[:n]
