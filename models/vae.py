"""Variational autoencoders: small tanh networks with Bernoulli observations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, logsigmoid

from models.base import Proposal, Simulated
from models.distributions.diagonal_gaussian import DiagonalGaussian, log_standard_normal
from models.distributions.johnson_su import JohnsonSU
from models.oracles.options import device_of
from models.randomness import Generator, standard_normal, standard_uniform

# Beyond this the first tanh has long saturated; an infinite latent would give inf - inf in its matrix.
FAR = 1e8


class TanhNetwork(nn.Module):
    """Linear layers with tanh between them; ``sizes`` are the widths from input to output.

    Every weight starts at zero: they are loaded, or drawn from a generator that is given (``initialise``).
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        # Made on the meta device, because torch's own start would draw from the global generator.
        empty = (nn.Linear(a, b, device="meta") for a, b in pairwise(sizes))
        self.layers = nn.ModuleList(layer.to_empty(device="cpu") for layer in empty)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    @property
    def linear(self) -> list[nn.Linear]:
        """The layers from input to output."""
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    def forward(self, h: Tensor) -> Tensor:
        *hidden, last = self.linear
        for layer in hidden:
            h = torch.tanh(linear(h, layer.weight, layer.bias))
        return linear(h, last.weight, last.bias)

    def with_jacobian(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """(output [B, D], d output / d h [B, D, L]), carried forward layer by layer."""
        first, *others = self.linear
        h = linear(h, first.weight, first.bias)
        jacobian = first.weight.expand(h.shape[0], -1, -1)
        for layer in others:
            h = torch.tanh(h)
            jacobian = layer.weight @ ((1 - h.square())[..., None] * jacobian)
            h = linear(h, layer.weight, layer.bias)
        return h, jacobian


class JohnsonEncoder(nn.Module):
    """q(z|x) = JohnsonSU(loc(x), C(x), tail(x)), C lower triangular, every output of one network.

    Why not a Gaussian: the decoder is bounded, so p(z|x) falls like the prior N(0, I), and a Gaussian q
    with an sd below sqrt(1/2) has E_q[w^2] = infinity: c2 does not exist and no asymptotic variance
    holds, however large K. Under this q the weights are bounded and all their moments exist.
    """

    def __init__(self, observed: int, hidden: Sequence[int], latents: int, least_tail: float) -> None:
        super().__init__()
        self.latents, self.least_tail = latents, least_tail
        below = latents * (latents - 1) // 2
        self.widths = (latents, latents, latents, below)
        self.network = TanhNetwork([observed, *hidden, sum(self.widths)])
        self.register_buffer("below", torch.tril_indices(latents, latents, -1), persistent=False)

    below: Tensor

    def forward(self, x: Tensor) -> JohnsonSU:
        loc, log_diagonal, tail, off_diagonal = self.network(x).split(self.widths, dim=-1)
        diagonal = log_diagonal.exp()
        chol = torch.diag_embed(diagonal)
        # Rows are scaled by their diagonal, so that an output of order one is a correlation of order one.
        scaled = off_diagonal * diagonal[:, self.below[0]]
        chol = chol.index_put((torch.arange(len(x), device=x.device)[:, None], *self.below), scaled)
        return JohnsonSU(loc, chol, self.least_tail + nn.functional.softplus(tail))


def initialise(model: nn.Module, generator: torch.Generator) -> None:
    """Glorot-uniform weights and zero biases, in place."""
    for parameter in model.parameters():
        if parameter.ndim == 2:
            nn.init.xavier_uniform_(parameter, generator=generator)
        else:
            nn.init.zeros_(parameter)


class VAE(nn.Module):
    """z ~ N(0, I), x given z ~ Bernoulli(sigmoid(decoder(z))), q(z|x) = encoder(x).

    The encoder is any module x [B, D] -> Proposal; x holds zeros and ones. Densities in nats.
    """

    def __init__(self, encoder: nn.Module, decoder: TanhNetwork, latents: int) -> None:
        super().__init__()
        self.encoder, self.decoder, self.latents = encoder, decoder, latents

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log N(z; 0, I) + sum_d (x_d a_d - log(1 + exp(a_d))) [B, K] with logits a = decoder(z)."""
        logits = self.decoder(z.clamp(-FAR, FAR))
        # A leading 1 of z stays 1 in the logits: a grid is decoded once, whatever the number of rows of x.
        log_likelihood = torch.einsum("bd,bkd->bk", x.to(z), logits) + logsigmoid(-logits).sum(-1)
        return log_likelihood + log_standard_normal(z)

    def proposal(self, x: Tensor) -> Proposal:
        """The encoder's q(z|x)."""
        proposal: Proposal = self.encoder(x)
        return proposal

    def prior(self, x: Tensor) -> DiagonalGaussian:
        """N(0, I)."""
        zeros = x.new_zeros(x.shape[0], self.latents)
        return DiagonalGaussian(zeros, zeros)

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """x [n, D] of zeros and ones and z [n, L], in the dtype of the weights."""
        weight = self.decoder.linear[0].weight
        device = device_of(generator)
        z = standard_normal(generator, n, 1, self.latents, weight.dtype, device)[:, 0]
        p = self.decoder(z).sigmoid()
        uniform = standard_uniform(generator, n, 1, p.shape[-1], p.dtype, device)[:, 0]
        return Simulated((uniform < p).to(p), z)

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """J^T (x - p) - z [B, L] and I + J^T diag(p (1 - p)) J [B, L, L] at z [B, L], J = d logits / dz."""
        logits, jacobian = self.decoder.with_jacobian(z)
        p = logits.sigmoid()
        gradient = torch.einsum("bdl,bd->bl", jacobian, x.to(z) - p) - z
        curved = jacobian.mT @ ((p * (1 - p))[..., None] * jacobian)
        return gradient, curved + torch.eye(self.latents, dtype=z.dtype, device=z.device)
