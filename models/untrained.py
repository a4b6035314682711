"""A VAE of the size used for MNIST with random weights: what speed is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from models.base import Proposal, Simulated
from models.encoders import GaussianEncoder
from models.errors import BadOption
from models.networks import initialise
from models.oracles.options import device_of
from models.randomness import Generator, KeyedDraws, keyed_generator
from models.vae import VAE, image_vae

PIXELS = 784
# widths of the latents and of the tanh layers below each, as in Burda, Grosse and Salakhutdinov, ICLR 2016
SIZES = {1: ([50], [[200, 200]]), 2: ([100, 50], [[200, 200], [100, 100]])}
NARROW = -2.0  # log sd of an untrained encoder: about that of a trained one


@dataclass(frozen=True)
class UntrainedVAE:
    """784 binary pixels, 784-200-200-50 or (``layers=2``) 784-200-200-100-100-100-50, Glorot weights.

    Computes in the dtype and on the device of what it is given. Its log p(x) is not known.
    """

    layers: int = 1

    @property
    def values_an_evaluation(self) -> int:
        """Noise, latents and what is made of them; the logits are never held for more than a few rows."""
        return 6 * self.network().latents

    def __post_init__(self) -> None:
        if self.layers not in SIZES:
            raise BadOption(f"'untrained-vae': option 'layers' is 1 or 2, not {self.layers}.")
        if self.layers == 1:
            object.__setattr__(self, "gauss_newton", self._gauss_newton)

    @cached_property
    def _copies(self) -> dict[tuple[torch.dtype, torch.device], VAE]:
        return {}

    def network(self, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu") -> VAE:
        """The network in that dtype on that device."""
        key = (dtype, torch.device(device))
        if key not in self._copies:
            latents, hidden = SIZES[self.layers]
            encoder = GaussianEncoder(PIXELS, hidden, latents)
            vae = image_vae(PIXELS, encoder, hidden, latents)
            initialise(vae, keyed_generator(("untrained VAE", self.layers)))
            for outputs, width in zip(encoder.outputs, latents, strict=True):
                outputs.bias.data[width:] = NARROW
            self._copies[key] = vae.to(device=device, dtype=dtype).requires_grad_(False)
        return self._copies[key]

    def data(self, n: int) -> Tensor:
        """x [n, 784] of zeros and ones that the model itself makes, float32."""
        keys = [("untrained VAE", "data", i) for i in range(n)]
        return self.simulate(n, KeyedDraws(tuple(map(keyed_generator, keys)), block=1)).x

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) [B, K] in z's dtype."""
        return self.network(z.dtype, z.device).log_joint(x, z)

    def proposal(self, x: Tensor) -> Proposal:
        """q(z|x)."""
        return self.network(x.dtype, x.device).proposal(x)

    def prior(self, x: Tensor) -> Proposal:
        """p(z)."""
        return self.network(x.dtype, x.device).prior(x)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """n images of the model."""
        return self.network(torch.float32, device_of(generator)).simulate(n, generator)

    def _gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.network(z.dtype, z.device).gauss_newton(x, z)
