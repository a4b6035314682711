"""Annealed importance sampling as a sampler."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from evidence_bench.estimators.base import Identity, LogWeights
from evidence_bench.estimators.kernels import Pilot
from evidence_bench.estimators.noise_space.laplace import laplace_cost
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.noise_space.start import Start
from evidence_bench.estimators.samplers.annealing import Path, chain_cost, temperatures
from evidence_bench.estimators.samplers.weights import log_weights
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadOption, NotApplicable
from evidence_bench.models.randomness import Generator

PILOT = Pilot()


@dataclass(frozen=True)
class Annealed:
    """log_w = sum_t (beta_{t+1} - beta_t) (log target - log N)(u_t), u_t from HMC at beta_t.

    ``steps`` temperatures, one HMC transition of ``leapfrogs`` gradients at each inner one; the step sizes
    come from a pilot run before. As many chains as k pays for: log_w [B, C] in nats, float64, C the number
    of chains. They share their step sizes, so they are not declared iid; each averages to p(x).

    Cost: at most k evaluations a row, and less than one chain of 3 (1 + (steps - 1) leapfrogs) below k; the
    pilot takes 12 (1 + 20 leapfrogs) of them (80 for 20 below 21 steps), a Laplace start 4 (L + 4) + 1.

    width: the standard deviation of the Gaussian that the path begins at, in units of its own; wide enough it
    meets modes that are far from the first, and needs more temperatures.
    start: where the path begins, "encoder" or "laplace" (the Gaussian at the mode, for models with
    curvature), or "auto": the latter where it is offered and costs at most a quarter of k.

    Raises NotApplicable (k below min_k; "laplace" without curvature), NotBijective, BadOption, BadWeights.
    Source: Neal, "Annealed importance sampling", Statistics and Computing 2001.
    """

    iid: ClassVar[bool] = False
    identity: ClassVar[Identity] = Identity.EVIDENCE
    exact_if_proposal_exact: ClassVar[bool] = False
    breaks: ClassVar[str] = ""

    steps: int = 64  # temperatures from the start to the posterior
    leapfrogs: int = 2  # gradients in the one transition at each
    start: str = "auto"  # where the path begins: encoder, laplace (the mode) or auto
    width: float = 1.0  # standard deviations of the start, in units of its own

    def __post_init__(self) -> None:
        Start.check("annealed", self.start)
        if self.steps < 2 or self.leapfrogs < 1:
            raise BadOption(
                "annealed: steps is at least 2 and leapfrogs at least 1; "
                f"not steps={self.steps}, leapfrogs={self.leapfrogs}."
            )
        if not 0 < self.width < math.inf:
            raise BadOption(f"annealed: width is finite and above 0, not {self.width}.")

    @property
    def min_k(self) -> int:
        """The pilot and one chain."""
        return self._pilot_cost + chain_cost(self.steps, self.leapfrogs)

    @property
    def _pilot_cost(self) -> int:
        return PILOT.cost(self.steps - 1, self.leapfrogs)

    @torch.inference_mode(False)  # gradients are taken, which inference mode does not allow
    @torch.no_grad()
    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, C] from at most k evaluations for each row of x."""
        if k < self.min_k:
            raise NotApplicable(f"{self!r} needs K of at least {self.min_k}, not {k}; raise K.")
        space = NoiseSpace(model, x.clone() if x.is_inference() else x)
        chains = self.chains(space, k)
        return log_weights(self.path(space, k, generator).forward(chains, generator))

    @torch.inference_mode(False)  # gradients are taken, which inference mode does not allow
    @torch.no_grad()
    def reverse(self, model: Model, x: Tensor, z: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, C] with E[exp(-log_w)] = 1/p(x), from z [B, L] that x was simulated from.

        Identity 1/p: -log mean exp(-log_w) is above log p(x) in expectation over (x, z). Chains of a row
        share their start. Cost as forwards.
        """
        space = NoiseSpace(model, x.clone() if x.is_inference() else x)
        chains = self.chains(space, k)
        return log_weights(self.path(space, k, generator).backward(z, chains, generator))

    def path(self, space: NoiseSpace, k: int, generator: Generator) -> Path:
        """The path with its step sizes: everything that is settled before the first counted chain."""
        return self._untuned(space, k).tuned(PILOT, generator)

    @torch.no_grad()
    def holes(self, model: Model, x: Tensor, k: int, draws: int, generator: Generator) -> Tensor:
        """Share [B] of ``draws`` from the start of the path, at k evaluations, where log_joint is -inf.

        So large a share of chains has weight zero: later on no chain enters a hole. Costs ``draws``
        evaluations a row and those of the start.
        """
        path = self._untuned(NoiseSpace(model, x), k)
        return path.target(path.first(draws, generator)).isneginf().double().mean(-1)

    def _untuned(self, space: NoiseSpace, k: int) -> Path:
        whitening = self._start.coordinates(space, k).widened(self.width).to(space.dtype)
        return Path(space, whitening, temperatures(self.steps), self.leapfrogs)

    def chains(self, space: NoiseSpace, k: int) -> int:
        """How many chains k evaluations pay for."""
        left = k - self._pilot_cost - self._start.cost(space, k)
        return left // chain_cost(self.steps, self.leapfrogs)

    def cost(self, space: NoiseSpace, chains: int) -> int:
        """The smallest k that pays for so many chains where the path starts at the mode if it can."""
        chains_alone = self._pilot_cost + chains * chain_cost(self.steps, self.leapfrogs)
        with_mode = chains_alone + laplace_cost(space.dimension)
        return with_mode if self._start.at_mode(space, with_mode) else chains_alone

    @property
    def _start(self) -> Start:
        return Start("annealed", self.start, self.min_k)
