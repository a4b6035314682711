"""The rounds: draw, weigh by the round's own density, fit the next proposal to all draws so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.noise_space.student import log_student, student_noise
from evidence_bench.estimators.samplers.adaptive.mixture import Draws, Mixture
from evidence_bench.estimators.samplers.adaptive.part import Part, cut
from evidence_bench.estimators.samplers.adaptive.past import Past
from evidence_bench.estimators.samplers.adaptive.schedule import Schedule
from evidence_bench.estimators.samplers.adaptive.student import Student
from evidence_bench.models.parallel import for_each
from evidence_bench.models.randomness import Generator


@dataclass(frozen=True)
class Plan:
    """What is fixed before the first draw. Nothing in the rounds waits for the device."""

    space: NoiseSpace
    whitening: Whitening
    schedule: Schedule
    first: Student
    inflation: float

    def widened(self, width: float) -> Plan:
        """The same with a first round whose standard deviations are ``width`` times as long."""
        return replace(self, first=self.first.inflated(width**2))

    def run(self, generator: Generator) -> tuple[list[Draws], list[Mixture]]:
        """The draws of every round and the density that each round was drawn from."""
        rounds: list[Draws] = []
        proposals: list[Mixture] = []
        parts = self._parts()
        for n, defensive in zip(self.schedule.draws, self.schedule.defensive, strict=True):
            normal = self.space.proposal.noise(n, generator)
            noise = student_noise(normal, self.first.nu, generator)
            e, distance, student = self._drawn(parts, noise, defensive, rounds)
            proposals.append(Mixture(student, n, defensive))
            rounds.append(self._weighed(e, distance))
        return rounds, proposals

    def _parts(self) -> list[Part]:
        rows, d = self.whitening.centre.shape
        parts = []
        for here in cut(rows, rows * self.schedule.draws[0] * d, self.whitening.centre.device):
            whitening = self.whitening.of_rows(here)
            past = Past(whitening, self.schedule, self.space.dtype)
            parts.append(Part(here, whitening, past, self.first.of_rows(here)))
        return parts

    def _drawn(
        self, parts: list[Part], noise: Tensor, defensive: int, rounds: list[Draws]
    ) -> tuple[Tensor, Tensor, Student]:
        """e [B, n, D], distance [B, n] and the fitted component of a round, its parts on all cores."""
        e, distance = torch.empty_like(noise), self.first.location.new_empty(noise.shape[:2])
        student = self.first.empty()

        def step(part: Part) -> None:
            with torch.no_grad():  # not what a thread begins with
                if rounds:
                    part.learn(rounds[-1], self.inflation)
                here = part.rows
                drawn = part.draw(noise[here], defensive, self.inflation, e[here], distance[here])
                student.location[here], student.factor[here] = drawn.location, drawn.factor

        for_each(step, parts)
        return e, distance, student

    def _weighed(self, e: Tensor, distance: Tensor) -> Draws:
        log_target, length = self.space.target_and_length(e)
        moved = self.whitening.log_det[:, None]
        return Draws(e, distance, log_target + moved, self._log_defensive(length) + moved)

    def _log_defensive(self, length: Tensor) -> Tensor:
        """log density [B, n] of the inflated Student-t at the encoder, where |e|^2 is ``length``."""
        d = self.space.dimension
        return log_student(length / self.inflation, d, self.first.nu) - 0.5 * d * math.log(self.inflation)
