"""Several stochastic layers drawn one after the other, each Gaussian given the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.distributions.diagonal_gaussian import LOG_2PI, log_standard_normal
from evidence_bench.models.randomness import Generator, standard_normal

Layer = Callable[[Tensor], tuple[Tensor, Tensor]]  # z_i [..., L_i] -> mean, log sd [..., L_{i+1}]


@dataclass(frozen=True, eq=False)
class AncestralGaussian:
    """z_1 = mean + sd e_1, z_{i+1} = mean_i(z_i) + sd_i(z_i) e_{i+1}, with e ~ N(0, I).

    mean and log_sd of the first layer are [B, L_1]; ``layers`` give those of each next one, whose widths
    are ``widths``. e is [B, K, L_1 + L_2 + ...] in the order of drawing; so is z, or in the opposite order
    where ``top_first`` (a prior is drawn from the top down). A smooth bijection.
    """

    mean: Tensor
    log_sd: Tensor
    layers: tuple[Layer, ...]
    widths: tuple[int, ...]
    top_first: bool = False
    bijective = True

    def noise(self, k: int, generator: Generator) -> Tensor:
        """e [B, k, sum of widths]."""
        rows = self.mean.shape[0]
        return standard_normal(generator, rows, k, sum(self._all_widths), self.mean.dtype, self.mean.device)

    @property
    def _all_widths(self) -> list[int]:
        return [self.mean.shape[-1], *self.widths]

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]), the density taken from the noise."""
        noises = torch.split(e, self._all_widths, dim=-1)
        z = [torch.addcmul(self.mean[:, None], self.log_sd.exp()[:, None], noises[0])]
        log_scale = self.log_sd.sum(-1)[:, None]
        for layer, noise in zip(self.layers, noises[1:], strict=True):
            mean, log_sd = layer(z[-1])
            z.append(torch.addcmul(mean, log_sd.exp(), noise))
            log_scale = log_scale + log_sd.sum(-1)
        return torch.cat(z[::-1] if self.top_first else z, dim=-1), log_standard_normal(e) - log_scale

    def noise_of(self, z: Tensor) -> Tensor:
        """e_1 = (z_1 - mean) / sd, e_{i+1} = (z_{i+1} - mean_i(z_i)) / sd_i(z_i): the inverse of ``draw``."""
        parts = self._in_order(z)
        noises = [(parts[0] - self.mean[:, None]) * (-self.log_sd).exp()[:, None]]
        for layer, below, here in zip(self.layers, parts, parts[1:], strict=False):
            mean, log_sd = layer(below)
            noises.append((here - mean) * (-log_sd).exp())
        return torch.cat(noises, dim=-1)

    def _in_order(self, z: Tensor) -> tuple[Tensor, ...]:
        """The layers of z in the order of drawing."""
        widths = self._all_widths
        parts = torch.split(z, widths[::-1] if self.top_first else widths, dim=-1)
        return tuple(parts[::-1] if self.top_first else parts)

    def log_prob(self, z: Tensor) -> Tensor:
        """log q [B, K] at z [B, K, L] or [1, K, L]."""
        parts = self._in_order(z)
        total = log_normal(parts[0], self.mean[:, None], self.log_sd[:, None])
        for layer, below, here in zip(self.layers, parts, parts[1:], strict=False):
            total = total + log_normal(here, *layer(below))
        return total


def log_normal(z: Tensor, mean: Tensor, log_sd: Tensor) -> Tensor:
    """log N(z; mean, diag(exp(log_sd))^2) over the last axis, in nats."""
    e = (z - mean).mul_((-log_sd).exp())
    return -0.5 * (e.square().sum(-1) + z.shape[-1] * LOG_2PI) - log_sd.sum(-1)
