"""log p(x) of each data point with its standard error, and how it was obtained."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from evidence_bench.benchmarks.references.estimates import Estimates
from evidence_bench.benchmarks.references.long_run import applicable
from evidence_bench.benchmarks.references.methods import adaptive, annealed, both, with_second_opinion
from evidence_bench.benchmarks.references.sandwich import BOTH_WAYS, Sandwich, require_finite
from evidence_bench.models.base import Model, Tractable
from evidence_bench.models.errors import BadWeights
from evidence_bench.models.offers import evidence_source, evidence_stderr, simulated_latents

NONE = "none"
ADAPTIVE = "adaptive"
ANNEALED = "annealed"
COMBINED = "combined"
KINDS = (ADAPTIVE, ANNEALED, COMBINED, NONE)


@dataclass(frozen=True)
class Reference:
    """log p(x) [B] in nats, its standard error [B] (0 where exact), and a sentence on where it is from.

    All NaN where it is not known. ``degrees`` [B] of freedom of the standard error: its 95% interval is the
    value and stderr times the t quantile with so many; infinite where the model knows. ``lower`` and
    ``upper`` [B]: bounds in expectation, where the method has them. ``evaluations`` of log_joint a point; 0
    where the model knows. ``doubtful`` [B]: where something was seen that the standard error does not cover.
    """

    log_evidence: np.ndarray
    stderr: np.ndarray
    degrees: np.ndarray
    how: str
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    evaluations: float = 0.0
    doubtful: np.ndarray = field(default_factory=lambda: np.zeros((), dtype=bool))

    def __post_init__(self) -> None:
        object.__setattr__(self, "doubtful", np.broadcast_to(self.doubtful, self.log_evidence.shape))


def reference_of(model: Model, x: Tensor, kind: str = ADAPTIVE) -> Reference:
    """The model's own log p(x), else an interval about it, else an estimate of ``kind``, else unknown.

    The interval is for data that the model simulated, whose latents are known. ``kind`` NONE leaves out all
    that has to be estimated; so does a proposal that samplers in noise space refuse.
    """
    if isinstance(model, Tractable):
        return exact(model, x)
    if kind == NONE or not applicable(model, x):
        return unknown(len(x))
    z = simulated_latents(model, x)
    if z is not None:
        return _between(Sandwich.of(model, x, z, BOTH_WAYS), x)
    first = _METHODS[kind](model, x)
    require_finite(first[0].value, f"The {kind} reference", x)
    return _of(*with_second_opinion(model, x, first))


_METHODS = {ADAPTIVE: adaptive, ANNEALED: annealed, COMBINED: both}


def _of(estimates: Estimates, how: str) -> Reference:
    known_to = (estimates.value, estimates.stderr, estimates.degrees)
    return Reference(*known_to, how, evaluations=estimates.evaluations, doubtful=estimates.doubtful)


def _between(sandwich: Sandwich, x: Tensor) -> Reference:
    middle = sandwich.middle
    value = require_finite(middle.value, "Annealing in both directions", x)
    lower, upper = sandwich.lower.value, sandwich.upper.value
    how = sandwich.sentence()
    return Reference(value, middle.stderr, middle.degrees, how, lower, upper, middle.evaluations)


def exact(model: Tractable, x: Tensor) -> Reference:
    """What the model says of itself; BadWeights where that is not one finite number a data point."""
    log_p = _as_array(model.log_evidence(x))
    if log_p.shape != (len(x),):
        raise BadWeights(
            f"log_evidence returned shape {log_p.shape}; it must return one finite value for each of the "
            f"{len(x)} data points."
        )
    require_finite(log_p, "log_evidence", x)
    errors = _as_array(evidence_stderr(model, x))
    return Reference(log_p, errors, np.full(len(x), np.inf), evidence_source(model))


def unknown(points: int) -> Reference:
    """No reference."""
    how = "not known: bias and rmse are left empty"
    return Reference(np.full(points, np.nan), np.zeros(points), np.full(points, np.inf), how)


def _as_array(values: Tensor) -> np.ndarray:
    return np.asarray(values.detach().double().cpu().numpy())
