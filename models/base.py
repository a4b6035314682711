"""The interfaces of everything that has an evidence.

Shapes: x is [B, ...] (one row a data point), z is [B, K, L] (or [1, K, L]: one grid for all x),
every log density is [B, K]; K, the axis of samples, is always last. All log densities are in nats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from evidence_bench.models.randomness import Generator


class Proposal(Protocol):
    """A distribution of z for each of B data points, written as a map from noise.

    ``bijective`` says that the noise is N(0, I) of dimension L and that ``draw`` is a smooth bijection
    e -> z: what samplers in noise space need. A proposal that is not says False, and they refuse it.
    """

    bijective: bool

    def noise(self, k: int, generator: Generator) -> Tensor:
        """e [B, K, D], K draws of the noise for each data point."""
        ...

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q(z|x) [B, K]) for noise e [B, K, D]."""
        ...


@runtime_checkable
class HasLogProb(Protocol):
    """A proposal whose density can be evaluated anywhere."""

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z|x) [B, K] at z [B, K, L]."""
        ...


@runtime_checkable
class Invertible(Protocol):
    """A bijective proposal that can tell the noise of given latents."""

    def noise_of(self, z: Tensor) -> Tensor:
        """e [B, K, D] with draw(e)[0] = z [B, K, L]."""
        ...


@dataclass(frozen=True)
class Simulated:
    """A draw from the model: data x [n, ...] and the latents z [n, L] they came from."""

    x: Tensor
    z: Tensor


class Model(Protocol):
    """log p(x) = log of the integral of exp(log_joint(x, z)) over z."""

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) [B, K] for x [B, ...] and z [B, K, L] or [1, K, L]."""
        ...

    def proposal(self, x: Tensor) -> Proposal:
        """q(z|x), the proposal that belongs to the model (the encoder of a VAE)."""
        ...

    def prior(self, x: Tensor) -> Proposal:
        """p(z), one copy for each row of x."""
        ...

    def simulate(self, n: int, generator: Generator) -> Simulated:
        """n data points with their latents; point i depends on the i-th key of the generator only."""
        ...


@runtime_checkable
class Tractable(Protocol):
    """A model whose evidence is known."""

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B], float64, in nats."""
        ...


@dataclass(frozen=True)
class Moments:
    """Relative central moments of w = p(x,z)/q(z|x): c_i = E(w - Ew)^i / (Ew)^i, each [B], float64.

    ``inf`` is legal (the moment does not exist); ``c2`` is the chi-square divergence of p(z|x) from q.
    """

    c2: Tensor
    c3: Tensor


@runtime_checkable
class HasMoments(Protocol):
    """A model that knows the moments of the weights of its own proposal."""

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B] of the weights under ``proposal(x)``."""
        ...


@runtime_checkable
class HasData(Protocol):
    """A model with data of its own; others are measured on data that they simulate.

    Three more attributes are used where they exist: ``truth`` (str, how log p(x) is known), ``provenance``
    (dict of hashes and the like), ``values_an_evaluation`` (int, numbers held while log_joint is evaluated
    once, from which the size of a chunk is found).
    """

    def data(self, n: int) -> Tensor:
        """x [n, ...], the same first points for every n; NotApplicable where there are fewer."""
        ...


@runtime_checkable
class Curved(Protocol):
    """A model with curvature: what a Laplace approximation needs. Costs L + 1 evaluations a point."""

    def gauss_newton(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """At z [B, L]: gradient of log_joint [B, L] and a positive definite precision [B, L, L]."""
        ...
