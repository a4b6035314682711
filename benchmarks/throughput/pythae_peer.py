"""pythae's ``get_nll``, on a VAE object of its own that carries the subject's networks."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.throughput.contender import Kind, NotHere, Replay
from evidence_bench.benchmarks.throughput.subject import Subject

BATCHES = (100, 250, 500, 1000, 5000)
LARGEST_BATCH = 10_000


class Pythae:
    """``get_nll`` of each data point with K samples in batches of ``batch``, which divides K."""

    def __init__(self, subject: Subject, batch: int) -> None:
        if len(subject.network.widths) > 1:
            raise NotHere("pythae's get_nll knows one layer of latents only, so it has no part here.")
        try:
            self.vae = _their_vae(subject)
        except ImportError as error:
            raise NotHere(
                f"pythae is not installed ({error}); pip install 'evidence-bench[peers]'."
            ) from error
        self.subject, self.batch = subject, batch

    def run(self) -> Tensor:
        """log mean w [B]; it keeps the log weights to itself."""
        return self._estimates(self.subject.samples, self.batch)

    def replay(self, samples: int) -> Replay:
        """The same with the z of its own draws, which its method for them hands out."""
        drawn: list[Tensor] = []
        draw = self.vae._sample_gauss

        def noted(mean: Tensor, sd: Tensor) -> tuple[Tensor, Tensor]:
            z, e = draw(mean, sd)
            drawn.append(z)
            return z, e

        self.vae._sample_gauss = noted
        try:
            values = self._estimates(samples, samples)
        finally:
            del self.vae._sample_gauss
        return Replay(values, torch.stack(drawn))

    def _estimates(self, k: int, batch: int) -> Tensor:
        x = self.subject.x
        return x.new_tensor(
            [self.vae.get_nll(x[i : i + 1], n_samples=k, batch_size=batch) for i in range(len(x))]
        )


def _their_vae(subject: Subject) -> Any:
    models, nn = import_module("pythae.models"), import_module("pythae.models.nn")
    output: Any = import_module("pythae.models.base.base_utils").ModelOutput
    network = subject.network

    class Encoder(nn.BaseEncoder):  # type: ignore[misc,name-defined]
        def forward(self, x: Tensor) -> Any:
            mean, log_sd = network.encoder.layers[0](x)  # type: ignore[index,operator]
            return output(embedding=mean, log_covariance=2 * log_sd)

    class Decoder(nn.BaseDecoder):  # type: ignore[misc,name-defined]
        def forward(self, z: Tensor) -> Any:
            return output(reconstruction=network.decoder(z).sigmoid())

    config = models.VAEConfig(
        input_dim=(subject.x.shape[-1],), latent_dim=network.widths[0], reconstruction_loss="bce"
    )
    return models.VAE(config, Encoder(), Decoder())


def _dividing(subject: Subject) -> tuple[int, ...]:
    """Batches that divide K: it would change any other K without a word."""
    k = subject.samples
    found = [b for b in BATCHES if k % b == 0]
    return tuple(found if found or k > LARGEST_BATCH else [k]) or (1,)


PYTHAE = Kind(
    name="pythae",
    about="pythae's get_nll, the fastest of several batch sizes (its estimates alone: no log weights)",
    role="peer",
    make=Pythae,
    sizes=_dividing,
    trial=lambda subject: subject.sized(1, subject.samples),
)
