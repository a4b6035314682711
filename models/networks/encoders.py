"""Networks from data to proposals."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from evidence_bench.models.distributions.ancestral_gaussian import AncestralGaussian
from evidence_bench.models.distributions.bernoulli import FactorisedBernoulli
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.distributions.johnson_su import JohnsonSU
from evidence_bench.models.networks.tanh import TanhNetwork


class GaussianNetwork(nn.Module):
    """h -> (mean [..., latents], log sd [..., latents]): two outputs of one tanh network."""

    def __init__(self, inputs: int, hidden: Sequence[int], latents: int) -> None:
        super().__init__()
        self.network = TanhNetwork([inputs, *hidden, 2 * latents])

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_sd = self.network(h).chunk(2, dim=-1)
        return mean, log_sd


class GaussianEncoder(nn.Module):
    """q(z_1|x) q(z_2|z_1) ... , each Gaussian with a diagonal covariance; z is [z_1, z_2, ...].

    ``latents`` and ``hidden`` are the widths of the stochastic layers and of the tanh layers below each.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """

    def __init__(self, observed: int, hidden: Sequence[Sequence[int]], latents: Sequence[int]) -> None:
        super().__init__()
        self.latents = tuple(latents)
        inputs = [observed, *latents[:-1]]
        sizes = zip(inputs, hidden, latents, strict=True)
        self.layers = nn.ModuleList(GaussianNetwork(*size) for size in sizes)

    @property
    def outputs(self) -> list[nn.Linear]:
        """The last linear layer of each stochastic layer: means, then log standard deviations."""
        return [layer.network.linear[-1] for layer in self.layers if isinstance(layer, GaussianNetwork)]

    def forward(self, x: Tensor) -> DiagonalGaussian | AncestralGaussian:
        first, *others = self.layers
        mean, log_sd = first(x)
        if not others:
            return DiagonalGaussian(mean, log_sd)
        return AncestralGaussian(mean, log_sd, tuple(others), self.latents[1:])


class BernoulliEncoder(nn.Module):
    """q(z|x) = independent bits whose logits are the outputs of one tanh network."""

    def __init__(self, observed: int, hidden: Sequence[int], latents: int) -> None:
        super().__init__()
        self.network = TanhNetwork([observed, *hidden, latents])

    def forward(self, x: Tensor) -> FactorisedBernoulli:
        return FactorisedBernoulli(self.network(x))


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
