"""What x is, given the output of a VAE's decoder: binary pixels or grey ones."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor, nn

from evidence_bench.models.networks.fused import bernoulli_log_likelihood
from evidence_bench.models.networks.fused_gaussian import gaussian_log_likelihood
from evidence_bench.models.networks.tanh import TanhNetwork
from evidence_bench.models.randomness import Generator, standard_normal, standard_uniform

START_SD = 0.25  # about that of a grey level in [0, 1] around the mean image


class Observation(nn.Module):
    """p(x | a), independent over pixels, where a = decoder(z). Densities in nats."""

    @abstractmethod
    def log_likelihood(self, decoder: TanhNetwork, x: Tensor, z: Tensor) -> Tensor:
        """log p(x | decoder(z)) [B, K] for x [B, D] and z [B, K, L] or [1, K, L]."""

    @abstractmethod
    def sample(self, outputs: Tensor, generator: Generator) -> Tensor:
        """x [n, D], one draw for each row of the decoder's outputs [n, D]."""

    @abstractmethod
    def curvature(self, outputs: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """(d log p(x | a) / da, Fisher information of a), each [B, D], at a = outputs [B, D]."""

    @abstractmethod
    def output_for(self, mean: Tensor) -> Tensor:
        """The decoder's output a with E[x | a] = ``mean``: where its last bias starts."""


class BernoulliObservation(Observation):
    """x_d ~ Bernoulli(sigmoid(a_d)); x holds zeros and ones."""

    def log_likelihood(self, decoder: TanhNetwork, x: Tensor, z: Tensor) -> Tensor:
        """sum_d (x_d a_d - log(1 + exp(a_d))) [B, K]."""
        return bernoulli_log_likelihood(decoder, x, z)

    def sample(self, outputs: Tensor, generator: Generator) -> Tensor:
        """Zeros and ones [n, D]."""
        p = outputs.sigmoid()
        uniform = standard_uniform(generator, p.shape[0], 1, p.shape[-1], p.dtype, p.device)[:, 0]
        return (uniform < p).to(p)

    def curvature(self, outputs: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """x - p and p (1 - p) with p = sigmoid(outputs)."""
        p = outputs.sigmoid()
        return x.to(outputs) - p, p * (1 - p)

    def output_for(self, mean: Tensor) -> Tensor:
        """The logits of ``mean``, which lies between 0 and 1."""
        return torch.logit(mean)


class GaussianObservation(Observation):
    """x_d ~ N(a_d, sd^2), one sd for all pixels: sd = START_SD exp(log_scale), learned.

    The parameter is a ratio to START_SD so that, like every weight here, it starts at zero.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(()))

    @property
    def log_sd(self) -> Tensor:
        """log sd, a scalar."""
        return self.log_scale + math.log(START_SD)

    def log_likelihood(self, decoder: TanhNetwork, x: Tensor, z: Tensor) -> Tensor:
        """sum_d log N(x_d; a_d, sd^2) [B, K]."""
        return gaussian_log_likelihood(decoder, self.log_sd, x, z)

    def sample(self, outputs: Tensor, generator: Generator) -> Tensor:
        """outputs + sd e [n, D]."""
        rows, pixels = outputs.shape
        noise = standard_normal(generator, rows, 1, pixels, outputs.dtype, outputs.device)[:, 0]
        return torch.addcmul(outputs, self.log_sd.exp(), noise)

    def curvature(self, outputs: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """(x - outputs) / sd^2 and 1 / sd^2."""
        information = (-2 * self.log_sd).exp().expand_as(outputs)
        return (x.to(outputs) - outputs) * information, information

    def output_for(self, mean: Tensor) -> Tensor:
        """``mean`` itself."""
        return mean
