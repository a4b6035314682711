"""Step sizes from a pilot run, so that the kernels of a counted chain are fixed before it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.estimators.kernels.hamiltonian import LogDensity, Tempered, transition
from evidence_bench.models.randomness import Generator, standard_normal

FIRST_STEP = 1.2  # times D^(-1/4): mostly accepted where f is N(0, I)
RATE = 0.5
LONGER = 4  # times as many transitions where there are fewer temperatures than transitions


@dataclass(frozen=True)
class Pilot:
    """log step += rate_i (mean acceptance - ``wanted``), rate_i = RATE (1 + i)^(-1/2), as beta rises.

    No trajectory is longer than a quarter of a period of N(0, I): at half a period all are accepted, for
    they end at -u, and nothing is explored.

    ``chains`` chains a row of ``transitions`` each, whose noise the counted chains do not see: given these
    step sizes the counted chains are those of fixed reversible kernels, and so unbiased.
    Source: Robbins and Monro 1951; Andrieu and Thoms 2008.
    """

    chains: int = 4
    steps: int = 20
    wanted: float = 0.8

    def cost(self, betas: int, leapfrogs: int) -> int:
        """Evaluations a row for so many temperatures."""
        return 3 * self.chains * (1 + self.transitions(betas) * leapfrogs)

    def transitions(self, betas: int) -> int:
        """Of each chain: ``steps``, or more where few temperatures lie far apart and a step has far to go."""
        return self.steps if betas >= self.steps else LONGER * self.steps

    def run(
        self, target: LogDensity, like: Tensor, betas: Sequence[float], leapfrogs: int, generator: Generator
    ) -> list[Tensor]:
        """A step size [R, 1] for each of ``betas``, which rise; ``like`` [R, D] tells rows and dtype."""
        rows, d = like.shape
        transitions = self.transitions(len(betas))
        u = standard_normal(generator, rows, self.chains, d, like.dtype, like.device)
        point = Tempered(target, 0.0).at(u)
        longest = math.log(math.pi / (2 * leapfrogs))
        first = min(math.log(FIRST_STEP) - 0.25 * math.log(d), longest)
        log_step = torch.full((rows, 1), first, dtype=torch.float64, device=u.device)
        found = []
        for i in range(transitions):
            density = Tempered(target, betas[self._place(i, len(betas))])
            point, chance = transition(density, point, log_step.exp(), leapfrogs, generator)
            moved = RATE * (chance.mean(-1, keepdim=True) - self.wanted) / (1 + i) ** 0.5
            log_step = (log_step + moved).clamp(max=longest)
            found.append(log_step.exp())
        return [found[self._settled(t, len(betas))] for t in range(len(betas))]

    def _settled(self, t: int, betas: int) -> int:
        """The transition whose step is kept for the t-th temperature: of several at it the last."""
        transitions = self.transitions(betas)
        return max(t * transitions // betas, (t + 1) * transitions // betas - 1)

    def _place(self, i: int, betas: int) -> int:
        """The temperature of the i-th transition: the middle of those that its step size is for."""
        return min(betas - 1, (2 * i + 1) * betas // (2 * self.transitions(betas)))
