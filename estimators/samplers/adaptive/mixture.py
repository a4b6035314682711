"""What a round draws from: a fitted Student-t and a defensive one at the encoder."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.estimators.noise_space.student import log_student
from evidence_bench.estimators.samplers.adaptive.student import Student


@dataclass(frozen=True)
class Draws:
    """Draws of one round, and what is known of them; the densities are densities of u, in nats, float64."""

    e: Tensor  # [B, n, D], in noise space
    distance: Tensor  # [B, n], squared Mahalanobis distance from the round's fitted component
    log_target: Tensor  # [B, n]
    log_defensive: Tensor  # [B, n]

    def of_rows(self, rows: slice) -> Draws:
        """The draws of some rows."""
        return Draws(self.e[rows], self.distance[rows], self.log_target[rows], self.log_defensive[rows])


@dataclass(frozen=True)
class Mixture:
    """(1 - d/n) t(u) + (d/n) defensive(u): the density that the n draws of a round were drawn from."""

    student: Student
    draws: int
    defensive: int

    def log_prob(self, own: Draws) -> Tensor:
        """log density [B, n] in nats at the draws of its own round."""
        log_t = log_student(own.distance, own.e.shape[-1], self.student.nu) - self.student.log_det
        log_t = log_t + math.log1p(-self.defensive / self.draws)
        if self.defensive == 0:
            return log_t
        return torch.logaddexp(log_t, own.log_defensive + math.log(self.defensive / self.draws))
