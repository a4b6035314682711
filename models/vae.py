"""Variational autoencoders with Bernoulli observations and one or more layers of Gaussian latents."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.base import Proposal, Simulated
from models.distributions.ancestral_gaussian import AncestralGaussian, log_normal
from models.distributions.diagonal_gaussian import DiagonalGaussian, log_standard_normal
from models.encoders import GaussianNetwork
from models.fused import bernoulli_log_likelihood
from models.networks import TanhNetwork
from models.oracles.options import device_of
from models.randomness import Generator, standard_uniform

# Beyond this the first tanh has long saturated; an infinite latent would give inf - inf in its matrix.
FAR = 1e8


class VAE(nn.Module):
    """z_n ~ N(0, I), z_i given z_{i+1} Gaussian, x given z_1 ~ Bernoulli(sigmoid(decoder(z_1))).

    ``latents`` are the widths of z_1 (nearest to x) to z_n, and z is [z_1, ..., z_n] in one tensor; ``upper``
    holds the networks z_{i+1} -> (mean, log sd) of z_i, none where n is 1. The encoder is any module
    x [B, D] -> Proposal; x holds zeros and ones. Densities in nats.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: TanhNetwork,
        latents: int | Sequence[int],
        upper: Sequence[GaussianNetwork] = (),
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.widths = (latents,) if isinstance(latents, int) else tuple(latents)
        self.upper = nn.ModuleList(upper)
        if len(self.widths) == 1:  # curvature through several layers is not written
            self.gauss_newton = self._gauss_newton

    @property
    def latents(self) -> int:
        """L, all layers together."""
        return sum(self.widths)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(z) + sum_d (x_d a_d - log(1 + exp(a_d))) [B, K] with logits a = decoder(z_1)."""
        nearest = z[..., : self.widths[0]].clamp(-FAR, FAR)
        return bernoulli_log_likelihood(self.decoder, x, nearest) + self.log_prior(z)

    def log_prior(self, z: Tensor) -> Tensor:
        """log N(z_n; 0, I) + sum_i log p(z_i | z_{i+1}) for z [..., L]."""
        layers = torch.split(z, list(self.widths), dim=-1)
        total = log_standard_normal(layers[-1])
        for below, above, network in zip(layers, layers[1:], self.upper, strict=False):
            total = total + log_normal(below, *network(above.clamp(-FAR, FAR)))
        return total

    def proposal(self, x: Tensor) -> Proposal:
        """The encoder's q(z|x)."""
        proposal: Proposal = self.encoder(x)
        return proposal

    def prior(self, x: Tensor) -> Proposal:
        """p(z), drawn from the top layer down."""
        zeros = x.new_zeros(x.shape[0], self.widths[-1])
        if not self.upper:
            return DiagonalGaussian(zeros, zeros)
        return AncestralGaussian(zeros, zeros, tuple(self.upper)[::-1], self.widths[-2::-1], top_first=True)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, D] of zeros and ones and z [n, L], in the dtype of the weights."""
        weight = self.decoder.linear[0].weight
        device = device_of(generator)
        prior = self.prior(torch.zeros(n, 1, dtype=weight.dtype, device=device))
        z = prior.draw(prior.noise(1, generator))[0][:, 0]
        p = self.decoder(z[:, : self.widths[0]]).sigmoid()
        uniform = standard_uniform(generator, n, 1, p.shape[-1], p.dtype, device)[:, 0]
        return Simulated((uniform < p).to(p), z)

    def _gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """J^T (x - p) - z [B, L] and I + J^T diag(p (1 - p)) J [B, L, L] at z [B, L], J = d logits / dz."""
        logits, tangents = self.decoder.with_tangents(z)
        p = logits.sigmoid()
        gradient = (tangents @ (x.to(z) - p)[:, :, None])[:, :, 0] - z
        root = tangents * (p * (1 - p)).sqrt()[:, None]
        return gradient, root @ root.mT + torch.eye(self.latents, dtype=z.dtype, device=z.device)


def image_vae(
    pixels: int, encoder: nn.Module, hidden: Sequence[Sequence[int]], latents: Sequence[int]
) -> VAE:
    """A VAE whose decoder mirrors the encoder: ``hidden[i]`` are the tanh layers below z_{i+1}."""
    inputs = [pixels, *latents[:-1]]
    decoder = TanhNetwork([latents[0], *reversed(hidden[0]), pixels])
    upper = [
        GaussianNetwork(above, list(reversed(widths)), below)
        for below, above, widths in zip(inputs[1:], latents[1:], hidden[1:], strict=True)
    ]
    return VAE(encoder, decoder, latents, upper)
