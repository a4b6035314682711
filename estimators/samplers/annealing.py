"""The path from a Gaussian to the posterior in noise space, and chains along it in both directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from evidence_bench.estimators.kernels import Pilot, Point, Tempered, transition
from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.models.base import Invertible
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import Generator, standard_normal

STEEPNESS = 4.0
SHORTEST = 0.5  # of the step sizes that the pilot chose
GOLDEN = (math.sqrt(5) - 1) / 2


def temperatures(steps: int) -> tuple[float, ...]:
    """beta_0 = 0, ..., beta_steps = 1: a sigmoid from -STEEPNESS to STEEPNESS, stretched to [0, 1]."""
    ends = [1 / (1 + math.exp(-STEEPNESS * (2 * t / steps - 1))) for t in range(steps + 1)]
    betas = [(value - ends[0]) / (ends[-1] - ends[0]) for value in ends]
    return (0.0, *betas[1:-1], 1.0)


def varied(sizes: Sequence[Tensor]) -> list[Tensor]:
    """The t-th step size times 1/2 + 1/2 frac(t g), g the golden section: lengths spread evenly over an
    octave.

    Trajectories of one length turn a Gaussian coordinate whose frequency is two to one with them by half a
    period each, so its size never changes, and along a path that narrows every coordinate comes to that. On a
    6-dimensional Gaussian, from twice its width, the standard deviation of log_w falls from .60 to .17; from
    its own width it rises from .05 to .07.
    """
    return [size * (SHORTEST + (1 - SHORTEST) * (t * GOLDEN % 1)) for t, size in enumerate(sizes)]


def chain_cost(steps: int, leapfrogs: int) -> int:
    """Evaluations of one chain: a gradient at its start and ``leapfrogs`` at each inner temperature."""
    return 3 * (1 + (steps - 1) * leapfrogs)


@dataclass(frozen=True)
class Path:
    """log f_beta(u) = (1 - beta) log N(u; 0, I) + beta log target(u) along fixed temperatures.

    target is p(x, z(e)) / q(e) N(e) at e = centre + A u, times abs det A, so its integral is p(x). With
    e = u this is log N(e) + beta (log_joint - log_q), which starts at the encoder; with Laplace coordinates
    it starts at the Gaussian at the mode. ``sizes``: a step size [R, 1] for each inner temperature.
    """

    space: NoiseSpace
    whitening: Whitening  # in the dtype of the space
    betas: tuple[float, ...]
    leapfrogs: int
    sizes: Sequence[Tensor] = ()

    def target(self, u: Tensor) -> Tensor:
        """[R, C] in nats, float64, at u [R, C, D]."""
        e = torch.baddbmm(self.whitening.centre[:, None], u, self.whitening.matrix.mT)
        return self.space.target(e) + self.whitening.log_det.double()[:, None]

    def tuned(self, pilot: Pilot, generator: Generator) -> Path:
        """This path with the step sizes of a pilot run."""
        inner = self.betas[1:-1]
        sizes = pilot.run(self.target, self.whitening.centre, inner, self.leapfrogs, generator)
        return Path(self.space, self.whitening, self.betas, self.leapfrogs, varied(sizes))

    def forward(self, chains: int, generator: Generator) -> Tensor:
        """log_w [R, C], E[exp(log_w)] = p(x): from u ~ N(0, I), beta rising.

        log_w = sum_t (beta_{t+1} - beta_t) (log target - log N)(u_t), u_t from the kernel of beta_t.
        Source: Neal, "Annealed importance sampling", 2001.
        """
        u = self.first(chains, generator)
        return self._run(u, range(1, len(self.betas) - 1), self.betas[1], generator)

    def first(self, chains: int, generator: Generator) -> Tensor:
        """u [R, C, D] ~ N(0, I), where chains begin."""
        like = self.whitening.centre
        return standard_normal(generator, len(like), chains, like.shape[-1], like.dtype, like.device)

    def backward(self, z: Tensor, chains: int, generator: Generator) -> Tensor:
        """log_w [R, C] with E[exp(-log_w)] = 1/p(x) for z [R, L] that simulated x: from z, beta falling.

        The same sum along the reversed chain. The chains of a row share their start, so they are not iid.
        Source: Grosse, Ghahramani and Adams, "Sandwiching the marginal likelihood", 2015.
        """
        start = self.whitening.from_noise(noise_of(self.space, z[:, None])).mT
        u = start.expand(-1, chains, -1).contiguous()
        return self._run(u, range(len(self.betas) - 2, 0, -1), 1 - self.betas[-2], generator)

    def _run(self, u: Tensor, order: range, first: float, generator: Generator) -> Tensor:
        point = Tempered(self.target).at(u)
        log_w = first * point.excess
        for t in order:
            density = Tempered(self.target, self.betas[t])
            point, _ = transition(density, point, self.sizes[t - 1], self.leapfrogs, generator)
            log_w = log_w + self._gap(t, order.step) * point.excess
        return log_w

    def _gap(self, t: int, direction: int) -> float:
        return abs(self.betas[t + direction] - self.betas[t])


def noise_of(space: NoiseSpace, z: Tensor) -> Tensor:
    """e [R, n, D] with z(e) = z [R, n, L], for proposals that have an inverse; NotApplicable otherwise."""
    if not isinstance(space.proposal, Invertible):
        raise NotApplicable(
            f"The proposal {type(space.proposal).__name__} cannot tell the noise of given latents, "
            "where a reverse chain has to start; give it noise_of(z), or leave out the upper bound."
        )
    return cast(Invertible, space.proposal).noise_of(z.to(space.dtype))


__all__ = ["Path", "Point", "chain_cost", "noise_of", "temperatures"]
