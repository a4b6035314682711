"""An interval about log p(x) from annealed chains in both directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from evidence_bench.benchmarks.measuring.data_points import advice_at, listed
from evidence_bench.benchmarks.references.annealed import AnnealedRun
from evidence_bench.benchmarks.references.estimates import Estimates, welch
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadWeights

BOTH_WAYS = AnnealedRun(steps=2000)  # half of this leaves gaps of .2 nats on an IWAE-trained MNIST model


@dataclass(frozen=True)
class Sandwich:
    """``lower`` <= log p(x) <= ``upper`` in expectation, by annealing to and from the posterior.

    For data that the model simulated: the backward chains start at the latents of x, an exact draw from the
    posterior. Source: Grosse, Ghahramani and Adams, "Sandwiching the marginal likelihood using bidirectional
    Monte Carlo", 2015.
    """

    lower: Estimates
    upper: Estimates

    @staticmethod
    def of(model: Model, x: Tensor, z: Tensor, run: AnnealedRun) -> Sandwich:
        """Of x [B, ...] simulated from z [B, L]."""
        return Sandwich(run.estimate(model, x), run.estimate(model, x, z))

    @property
    def gap(self) -> np.ndarray:
        """upper - lower [B] in nats; noise makes it negative where the two have met."""
        return np.asarray(self.upper.value - self.lower.value)

    @property
    def middle(self) -> Estimates:
        """The midpoint; its error is half the gap and those of both bounds: sqrt(gap^2 / 4 + a^2 + b^2)."""
        value = (self.upper.value + self.lower.value) / 2
        parts = np.stack([np.abs(self.gap) / 2, self.lower.stderr, self.upper.stderr])
        free = np.stack([np.full(len(value), np.inf), self.lower.degrees, self.upper.degrees])
        evaluations = self.lower.evaluations + self.upper.evaluations
        return Estimates(value, np.sqrt((parts**2).sum(0)), welch(parts, free), evaluations)

    def sentence(self) -> str:
        """What a report says of it."""
        largest = max(self.lower.stderr.max(), self.upper.stderr.max())
        return (
            "annealed importance sampling forwards and, from the latents that the data were simulated from, "
            f"backwards: upper less lower bound {self.gap.mean():.2g} nats (mean), "
            f"{np.abs(self.gap).max():.2g} (largest, absolute), largest standard error {largest:.2g}, "
            f"{self.middle.evaluations:.0f} evaluations a point"
        )


def require_finite(values: np.ndarray, source: str, x: Tensor) -> np.ndarray:
    """``values`` [B], or BadWeights that says at which of the data points x [B, ...] they are not finite."""
    wrong = np.flatnonzero(~np.isfinite(values)).tolist()
    if wrong:
        advice = advice_at(x[wrong], "look at the model there")
        raise BadWeights(f"{source} is not finite at {listed(wrong)} of {len(values)}; {advice}.")
    return values
