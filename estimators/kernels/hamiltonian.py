"""Hamiltonian Monte Carlo: leapfrog steps, accepted or rejected; reversible and volume preserving."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.estimators.noise_space.space import squared_length
from evidence_bench.models.randomness import Generator, standard_normal, standard_uniform

LogDensity = Callable[[Tensor], Tensor]  # u [R, C, D] -> log density [R, C], nats


@dataclass(frozen=True)
class Point:
    """u [R, C, D] with the log target there [R, C], float64, and its gradient [R, C, D]."""

    position: Tensor
    value: Tensor
    gradient: Tensor

    @property
    def excess(self) -> Tensor:
        """log target(u) - log N(u; 0, I) [R, C], float64."""
        d = self.position.shape[-1]
        return self.value + 0.5 * (squared_length(self.position) + d * math.log(2 * math.pi))

    def where(self, holds: Tensor, other: Point) -> Point:
        """These where ``holds`` [R, C], the other's elsewhere."""
        chosen = holds[..., None]
        return Point(
            torch.where(chosen, self.position, other.position),
            torch.where(holds, self.value, other.value),
            torch.where(chosen, self.gradient, other.gradient),
        )


@dataclass(frozen=True)
class Tempered:
    """log f(u) = (1 - beta) log N(u; 0, I) + beta log target(u), in nats; beta = 1 is the target itself.

    What is known of the target at a point serves every beta, so nothing is evaluated when beta moves on.
    """

    target: LogDensity
    beta: float = 1.0

    def at(self, position: Tensor) -> Point:
        """The target and its gradient at u [R, C, D]: one evaluation with its gradient for each."""
        # Inside inference mode nothing can be differentiated, so it is left here.
        with torch.inference_mode(False), torch.enable_grad():
            u = position.clone().requires_grad_()
            value = self.target(u)
            (gradient,) = torch.autograd.grad(value.sum(), u)
        return Point(position, value.detach(), gradient)

    def log_density(self, point: Point) -> Tensor:
        """log f [R, C], float64, up to a constant that does not depend on u."""
        rest = (1 - self.beta) * -0.5 * squared_length(point.position)
        return rest + self.beta * point.value if self.beta else rest

    def force(self, point: Point) -> Tensor:
        """The gradient of log f [R, C, D]."""
        rest = (self.beta - 1) * point.position
        return rest + self.beta * point.gradient if self.beta else rest


def leapfrog(
    density: Tempered, start: Point, momentum: Tensor, step: Tensor, leapfrogs: int
) -> tuple[Point, Tensor]:
    """(u, p) -> (u', p'), with p += step/2 force(u), u += step p, p += step/2 force(u), ``leapfrogs`` times.

    Preserves volume, and from (u', -p') leads back to (u, -p). step [R, 1]. Costs ``leapfrogs`` gradients.
    """
    point, size = start, step[..., None].to(momentum)
    for _ in range(leapfrogs):
        momentum = momentum + 0.5 * size * density.force(point)
        point = density.at(point.position + size * momentum)
        momentum = momentum + 0.5 * size * density.force(point)
    return point, momentum


def transition(
    density: Tempered, start: Point, step: Tensor, leapfrogs: int, generator: Generator
) -> tuple[Point, Tensor]:
    """u' ~ T(. | u), reversible with respect to f: the next point and the chance of acceptance [R, C].

    A fresh momentum p ~ N(0, I), a leapfrog trajectory, accepted with chance min(1, f' N(p') / (f N(p))),
    decided in float64. Trajectories that end where a number is not finite are rejected. step [R, 1].
    Source: Duane, Kennedy, Pendleton and Roweth 1987; Neal, "MCMC using Hamiltonian dynamics", 2011.
    """
    u = start.position
    rows, chains, d = u.shape
    momentum = standard_normal(generator, rows, chains, d, u.dtype, u.device)
    uniform = standard_uniform(generator, rows, chains, 1, torch.float64, u.device)[..., 0]
    end, last = leapfrog(density, start, momentum, step, leapfrogs)
    risen = density.log_density(end) - density.log_density(start)
    log_ratio = risen + 0.5 * (squared_length(momentum) - squared_length(last))
    usable = end.value.isfinite() & end.gradient.isfinite().all(-1) & ~log_ratio.isnan()
    chance = torch.where(usable, log_ratio.clamp(max=0.0).exp(), 0.0)
    return end.where(uniform < chance, start), chance
