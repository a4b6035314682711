"""Variational autoencoders: an encoder, a decoder, what x is given its output, and a prior of the latents."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from evidence_bench.models.base import Proposal, Simulated
from evidence_bench.models.networks.encoders import GaussianNetwork
from evidence_bench.models.networks.latents import FAR, GaussianPrior, Latent
from evidence_bench.models.networks.observations import BernoulliObservation, Observation
from evidence_bench.models.networks.tanh import TanhNetwork
from evidence_bench.models.oracles.options import device_of
from evidence_bench.models.randomness import Generator


class VAE(nn.Module):
    """z ~ p(z), x given z ~ p(x | decoder(z_1)): by default z ~ N(0, I) and Bernoulli pixels.

    ``latents`` are the widths of z_1 (nearest to x) to z_n, and z is [z_1, ..., z_n] in one tensor; ``upper``
    holds the networks z_{i+1} -> (mean, log sd) of z_i, none where n is 1. ``latent`` makes p(z) of these
    (latents.py), ``observation`` is p(x | a) (observations.py). The encoder is any module
    x [B, D] -> Proposal. Densities in nats.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: TanhNetwork,
        latents: int | Sequence[int],
        upper: Sequence[GaussianNetwork] = (),
        observation: Observation | None = None,
        latent: Latent = GaussianPrior,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.widths = (latents,) if isinstance(latents, int) else tuple(latents)
        self.upper = nn.ModuleList(upper)
        self.observation = BernoulliObservation() if observation is None else observation
        self.latent_prior = latent(self.widths, self.upper)
        if self.latent_prior.curved:
            self.gauss_newton = self._gauss_newton

    @property
    def latents(self) -> int:
        """L, all layers together."""
        return sum(self.widths)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(z) + log p(x | decoder(z_1)) [B, K]."""
        nearest = z[..., : self.widths[0]].clamp(-FAR, FAR)
        return self.observation.log_likelihood(self.decoder, x, nearest) + self.log_prior(z)

    def log_prior(self, z: Tensor) -> Tensor:
        """log p(z) [...] for z [..., L], all layers together."""
        return self.latent_prior.log_density(z)

    def proposal(self, x: Tensor) -> Proposal:
        """The encoder's q(z|x)."""
        proposal: Proposal = self.encoder(x)
        return proposal

    def prior(self, x: Tensor) -> Proposal:
        """p(z), one copy for each row of x."""
        return self.latent_prior.proposal(x)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, D] and z [n, L], in the dtype of the weights."""
        weight = self.decoder.linear[0].weight
        prior = self.prior(torch.zeros(n, 1, dtype=weight.dtype, device=device_of(generator)))
        z = prior.draw(prior.noise(1, generator))[0][:, 0]
        return Simulated(self.observation.sample(self.decoder(z[:, : self.widths[0]]), generator), z)

    def _gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """J^T s - z [B, L] and I + J^T diag(i) J [B, L, L] at z [B, L], J = d decoder / dz.

        s and i are the score and the information of the decoder's output.
        """
        outputs, tangents = self.decoder.with_tangents(z)
        score, information = self.observation.curvature(outputs, x)
        gradient = (tangents @ score[:, :, None])[:, :, 0] - z
        root = tangents * information.sqrt()[:, None]
        return gradient, root @ root.mT + torch.eye(self.latents, dtype=z.dtype, device=z.device)


def image_vae(
    pixels: int,
    encoder: nn.Module,
    hidden: Sequence[Sequence[int]],
    latents: Sequence[int],
    observation: Observation | None = None,
    latent: Latent = GaussianPrior,
) -> VAE:
    """A VAE whose decoder mirrors the encoder: ``hidden[i]`` are the tanh layers below z_{i+1}."""
    inputs = [pixels, *latents[:-1]]
    decoder = TanhNetwork([latents[0], *reversed(hidden[0]), pixels])
    upper = [
        GaussianNetwork(above, list(reversed(widths)), below)
        for below, above, widths in zip(inputs[1:], latents[1:], hidden[1:], strict=True)
    ]
    return VAE(encoder, decoder, latents, upper, observation, latent)
