"""The rounds: draw, weigh by the round's own density, fit the next proposal to all draws so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from estimators.noise_space import NoiseSpace
from estimators.samplers.adaptive.fit import fitted
from estimators.samplers.adaptive.schedule import Schedule
from estimators.samplers.adaptive.student import Student
from estimators.samplers.adaptive.whitening import Whitening
from estimators.samplers.student import log_student, student_noise
from models.randomness import Generator


@dataclass(frozen=True)
class Draws:
    """Draws in the coordinates u of the rounds, and what the model and the encoder's density say of them."""

    u: Tensor  # [B, n, D]
    log_target: Tensor  # [B, n], a density of u
    log_defensive: Tensor  # [B, n], a density of u

    def join(self, other: Draws) -> Draws:
        """Both, one after the other."""
        return Draws(
            torch.cat([self.u, other.u], dim=1),
            torch.cat([self.log_target, other.log_target], dim=1),
            torch.cat([self.log_defensive, other.log_defensive], dim=1),
        )


@dataclass(frozen=True)
class Mixture:
    """(1 - d/n) t(u) + (d/n) defensive(u): the density that the n draws of a round were drawn from."""

    student: Student
    draws: int
    defensive: int

    def log_prob(self, of: Draws) -> Tensor:
        """log density [B, n] in nats."""
        own = self.student.log_prob(of.u) + math.log1p(-self.defensive / self.draws)
        if self.defensive == 0:
            return own
        return torch.logaddexp(own, of.log_defensive + math.log(self.defensive / self.draws))


@dataclass(frozen=True)
class Plan:
    """What is fixed before the first draw."""

    space: NoiseSpace
    whitening: Whitening
    schedule: Schedule
    first: Student
    inflation: float

    def run(self, generator: Generator) -> tuple[list[Draws], list[Mixture]]:
        """The draws of every round and the density that each round was drawn from."""
        rounds: list[Draws] = []
        proposals: list[Mixture] = []
        past = Past()
        fit = self.first
        for n, defensive in zip(self.schedule.draws, self.schedule.defensive, strict=True):
            if past.draws is not None:
                fit = fitted(past.draws.u, past.log_weights(), fit)
            proposal = Mixture(fit.inflated(self.inflation), n, defensive)
            draws = self._draw(proposal, generator)
            past.add(draws, proposal)
            rounds.append(draws)
            proposals.append(proposal)
        return rounds, proposals

    def _draw(self, proposal: Mixture, generator: Generator) -> Draws:
        """The round's draws: first those of the fitted component, then the defensive ones at the encoder."""
        normal = self.space.proposal.noise(proposal.draws, generator)
        noise = student_noise(normal, self.first.nu, generator)
        own = proposal.draws - proposal.defensive
        u = proposal.student.draw(noise[:, :own])
        e = torch.cat([self.whitening.to_noise(u), math.sqrt(self.inflation) * noise[:, own:]], dim=1)
        u = torch.cat([u, self.whitening.from_noise(e[:, own:])], dim=1)
        moved = self.whitening.log_det[:, None]
        return Draws(u, self.space.target(e) + moved, self._log_defensive(e) + moved)

    def _log_defensive(self, e: Tensor) -> Tensor:
        """log density [B, n] at e of the inflated Student-t at the encoder."""
        d = e.shape[-1]
        distance = e.square().sum(dim=-1) / self.inflation
        return log_student(distance, d, self.first.nu) - 0.5 * d * math.log(self.inflation)


class Past:
    """All draws so far, weighted by the mixture of all the rounds' densities: for fits, never estimates."""

    def __init__(self) -> None:
        self.draws: Draws | None = None
        self._proposals: list[Mixture] = []
        self._log_sum = torch.empty(0)  # log sum_s n_s q_s(u) [B, n]

    def add(self, new: Draws, proposal: Mixture) -> None:
        """One more round: its density at the old draws, and every round's at the new ones."""
        self._proposals.append(proposal)
        log_sum = torch.logsumexp(torch.stack([_scaled(q, new) for q in self._proposals]), dim=0)
        if self.draws is None:
            self.draws, self._log_sum = new, log_sum
            return
        old = torch.logaddexp(self._log_sum, _scaled(proposal, self.draws))
        self.draws, self._log_sum = self.draws.join(new), torch.cat([old, log_sum], dim=1)

    def log_weights(self) -> Tensor:
        """log of target over the temporal mixture [B, n], up to a constant."""
        if self.draws is None:
            raise ValueError("there are no draws yet; add a round first.")
        return self.draws.log_target - self._log_sum


def _scaled(proposal: Mixture, draws: Draws) -> Tensor:
    return proposal.log_prob(draws) + math.log(proposal.draws)
