"""What is timed: one network, its data, B and K."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from evidence_bench.models.base import Model
from evidence_bench.models.networks.encoders import GaussianEncoder
from evidence_bench.models.networks.tanh import TanhNetwork, initialise
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.vaes.untrained import NARROW, PIXELS, UntrainedVAE
from evidence_bench.models.vaes.vae import VAE, image_vae

HIDDEN = [[200, 200]]


@dataclass(frozen=True)
class Subject:
    """A model, its network (float32, on the device), x [B, 784], and K."""

    name: str
    model: Model
    network: VAE
    x: Tensor
    samples: int

    @property
    def evaluations(self) -> int:
        """B K."""
        return len(self.x) * self.samples

    @property
    def products(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of every matrix product of one log weight: of all networks that do not see x."""
        networks = [part for part in self.network.modules() if isinstance(part, TanhNetwork)]
        pixels = self.x.shape[-1]
        unseen = [one for one in networks if one.linear[0].in_features != pixels]
        return [(layer.in_features, layer.out_features) for one in unseen for layer in one.linear]

    def sized(self, points: int, samples: int) -> Subject:
        """The same model at another B (at most that of x) and K."""
        return replace(self, x=self.x[:points], samples=samples)


def layered_subject(layers: int, points: int, samples: int, device: torch.device) -> Subject:
    """The untrained VAE with one or two layers of latents, on its own data."""
    model = UntrainedVAE(layers)
    x = model.data(points).to(device)
    network = model.network(torch.float32, device)
    return Subject("one layer" if layers == 1 else "two layers", model, network, x, samples)


def subject_of_width(latents: int, points: int, samples: int, device: torch.device) -> Subject:
    """784-200-200-L with Glorot weights, for growth with L."""
    network = image_vae(PIXELS, GaussianEncoder(PIXELS, HIDDEN, [latents]), HIDDEN, [latents])
    initialise(network, keyed_generator(("speed", "width", latents)))
    for outputs in network.encoder.outputs:  # type: ignore[union-attr]
        outputs.bias.data[latents:] = NARROW
    network = network.to(device).requires_grad_(False)
    x = UntrainedVAE().data(points).to(device)
    return Subject(f"L = {latents}", network, network, x, samples)
