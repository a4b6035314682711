"""All draws of the rounds so far, weighted by the mixture of what they were drawn from: for fits only."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.student import log_student
from evidence_bench.estimators.samplers.adaptive.fit import fitted
from evidence_bench.estimators.samplers.adaptive.mixture import Draws, Mixture
from evidence_bench.estimators.samplers.adaptive.schedule import Schedule
from evidence_bench.estimators.samplers.adaptive.student import Student


class Past:
    """Draws u in the coordinates of the rounds and log sum_s n_s q_s(u), in room made once for all rounds.

    The distances of a round's draws from all proposals before it are one batched product with the stacked
    inverse factors; u carries a row of ones, so that the product shifts as well. It is taken in the dtype
    of the model, because its results enter the fits and no weight of the estimate.
    """

    def __init__(self, whitening: Whitening, schedule: Schedule, dtype: torch.dtype) -> None:
        rows, d = whitening.centre.shape
        rounds, room = len(schedule.draws) - 1, sum(schedule.draws[:-1])  # the last round's are never fitted
        number = whitening.centre.new_empty  # float64, on the device of x
        self._whitening = whitening.to(dtype)
        self._u = number(rows, d + 1, room, dtype=dtype)
        self._u[:, d] = 1.0
        self._whiteners = number(rows, rounds * d, d + 1, dtype=dtype)
        self._offsets = number(rows, rounds)
        self._distance = number(rows, room)  # from the newest proposal
        self._log_own = number(rows, room)  # log sum_s n_s t_s(u), without the defensive component
        self._log_defensive, self._log_target = number(rows, room), number(rows, room)
        self._rounds = self._draws = self._defensive = 0

    def add(self, new: Draws, proposal: Mixture) -> None:
        """One more round: its density at the old draws, and every round's at the new ones."""
        t, before = self._rounds, self._draws
        self._rounds, self._draws = t + 1, before + proposal.draws
        self._defensive += proposal.defensive
        self._note_proposal(t, proposal)
        if t > 0:
            self._weigh_old(slice(before), t, proposal.student)
        self._weigh_new(slice(before, self._draws), t, new, proposal.student)

    def _note_proposal(self, t: int, proposal: Mixture) -> None:
        d = self._u.shape[1] - 1
        self._whiteners[:, t * d : (t + 1) * d] = proposal.student.whitener
        self._offsets[:, t] = math.log(proposal.draws - proposal.defensive) - proposal.student.log_det[:, 0]

    def _weigh_old(self, old: slice, t: int, student: Student) -> None:
        distance = self._distances(slice(t, t + 1), old)
        density = self._log_density(distance, slice(t, t + 1), student)[:, 0]
        self._distance[:, old] = distance[:, 0]
        self._log_own[:, old] = torch.logaddexp(self._log_own[:, old], density)

    def _weigh_new(self, fresh: slice, t: int, new: Draws, student: Student) -> None:
        self._whitening.from_noise(new.e, out=self._u[:, :-1, fresh])
        distance = torch.cat([self._distances(slice(t), fresh), new.distance[:, None]], dim=1)
        self._distance[:, fresh] = new.distance
        self._log_own[:, fresh] = torch.logsumexp(self._log_density(distance, slice(t + 1), student), dim=1)
        self._log_defensive[:, fresh], self._log_target[:, fresh] = new.log_defensive, new.log_target

    def fit(self, previous: Student, inflation: float) -> Student:
        """The fit to all draws so far; ``previous`` is the one whose inflation the last round drew from."""
        u, distance = self._u[:, :-1, : self._draws], self._distance[:, : self._draws]
        return fitted(u, self.log_weights(), inflation * distance, previous)

    def log_weights(self) -> Tensor:
        """log of target over the temporal mixture [B, n], up to a constant."""
        drawn = slice(self._draws)
        log_mixture = self._log_own[:, drawn]
        if self._defensive > 0:
            defensive = self._log_defensive[:, drawn] + math.log(self._defensive)
            log_mixture = torch.logaddexp(log_mixture, defensive)
        return self._log_target[:, drawn] - log_mixture

    def _distances(self, proposals: slice, draws: slice) -> Tensor:
        """Squared Mahalanobis distances [B, s, n] of some draws from some proposals, float64."""
        rows, d = self._u.shape[0], self._u.shape[1] - 1
        start, stop = (proposals.start or 0) * d, proposals.stop * d
        standard = torch.bmm(self._whiteners[:, start:stop], self._u[:, :, draws]).square_()
        distances: Tensor = standard.view(rows, -1, d, standard.shape[-1]).sum(dim=2).double()
        return distances

    def _log_density(self, distance: Tensor, proposals: slice, student: Student) -> Tensor:
        """log of the draws from a fitted component times its density [B, s, n]."""
        d = self._u.shape[1] - 1
        return log_student(distance, d, student.nu) + self._offsets[:, proposals, None]
