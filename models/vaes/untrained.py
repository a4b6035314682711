"""A VAE of the size used for MNIST with random weights: what speed is measured on."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from evidence_bench.models.errors import BadOption
from evidence_bench.models.networks.encoders import GaussianEncoder
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.randomness import KeyedDraws, keyed_generator
from evidence_bench.models.vaes import architecture
from evidence_bench.models.vaes.architecture import SIZES
from evidence_bench.models.vaes.network_model import NetworkModel
from evidence_bench.models.vaes.vae import VAE

PIXELS = 784
NARROW = -2.0  # log sd of an untrained encoder: about that of a trained one


@dataclass(frozen=True)
class UntrainedVAE(NetworkModel):
    """784 binary pixels, 784-200-200-50 or (``layers=2``) 784-200-200-100-100-100-50, Glorot weights.

    Computes in the dtype and on the device of what it is given. Its log p(x) is not known.
    """

    layers: int = 1  # stochastic layers, 1 or 2

    def __post_init__(self) -> None:
        if self.layers not in SIZES:
            raise BadOption(f"'untrained-vae': option 'layers' is 1 or 2, not {self.layers}.")
        self.offer_curvature()

    def original(self) -> VAE:
        """The network with weights that depend on ``layers`` alone."""
        vae = architecture.build(architecture.of_paper(PIXELS, self.layers))
        initialise(vae, keyed_generator(("untrained VAE", self.layers)))
        encoder = vae.encoder
        for outputs in encoder.outputs if isinstance(encoder, GaussianEncoder) else ():
            outputs.bias.data[outputs.out_features // 2 :] = NARROW
        return vae

    def data(self, n: int) -> Tensor:
        """x [n, 784] of zeros and ones that the model itself makes, float32."""
        keys = [("untrained VAE", "data", i) for i in range(n)]
        return self.simulate(n, KeyedDraws(tuple(map(keyed_generator, keys)), block=1)).x
