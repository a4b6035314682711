"""Some of the rows, which one core takes from one evaluation of the model to the next."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.space import squared_length
from evidence_bench.estimators.samplers.adaptive.mixture import Draws, Mixture
from evidence_bench.estimators.samplers.adaptive.past import Past
from evidence_bench.estimators.samplers.adaptive.student import Student

_VALUES = 1 << 16  # of noise in a round: what a part must have to be worth its handing over


class Part:
    """Rows ``rows`` of x, their fit and their past; no row knows of another, so no part does."""

    def __init__(self, rows: slice, whitening: Whitening, past: Past, fit: Student) -> None:
        self.rows, self.fit = rows, fit
        self._whitening, self._past = whitening, past
        self._proposal: Mixture | None = None

    def learn(self, draws: Draws, inflation: float) -> None:
        """The fit to all draws so far, those of the last round among them (given for all rows)."""
        if self._proposal is None:
            raise ValueError("nothing was drawn yet; draw a round first.")
        self._past.add(draws.of_rows(self.rows), self._proposal)
        self.fit = self._past.fit(self.fit, inflation)

    def draw(self, noise: Tensor, defensive: int, inflation: float, e: Tensor, distance: Tensor) -> Student:
        """Writes the round's draws e [b, n, D] and their distances [b, n] from the component returned.

        First come those of the fitted component, then the defensive ones at the encoder. The distance of
        a draw from the component that made it is the squared length of its noise, which no factor
        enters; it is summed in float64.
        """
        student = self.fit.inflated(inflation)
        here = noise.shape[1] - defensive
        self._proposal = Mixture(student, noise.shape[1], defensive)
        self._transport(noise[:, :here], student, e[:, :here])
        torch.mul(noise[:, here:], math.sqrt(inflation), out=e[:, here:])
        distance[:, :here] = squared_length(noise[:, :here])
        distance[:, here:] = student.distance(self._whitening.from_noise(e[:, here:].double()))
        return student

    def _transport(self, noise: Tensor, student: Student, e: Tensor) -> None:
        """e [b, n, D] of the draws u = location + C noise: one product with A C."""
        matrix = (self._whitening.matrix @ student.factor).to(noise.dtype)
        centre = self._whitening.centre + (self._whitening.matrix @ student.location[:, :, None])[:, :, 0]
        torch.bmm(noise, matrix.mT, out=e).add_(centre.to(noise.dtype)[:, None])


def cut(rows: int, values: int, device: torch.device) -> list[slice]:
    """Rows in as many parts as there are cores to take them; one on a GPU, or where a part is too small.

    ``values`` of noise are in a round of all rows.
    """
    cores = torch.get_num_threads() if device.type == "cpu" else 1
    parts = max(1, min(cores, rows, values // _VALUES))
    ends = [i * rows // parts for i in range(parts + 1)]
    return [slice(start, end) for start, end in pairwise(ends)]
