"""log p(x) of each data point with its standard error, and how it was obtained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from benchmarks.references.long_run import LongRun, applicable
from models.base import Model, Tractable
from models.errors import BadWeights

NONE = "none"
ADAPTIVE = "adaptive"
KINDS = (ADAPTIVE, NONE)


@dataclass(frozen=True)
class Reference:
    """log p(x) [B] in nats, its standard error [B] (0 where exact), and a sentence on where it is from.

    All NaN where it is not known.
    """

    log_evidence: np.ndarray
    stderr: np.ndarray
    how: str


def reference_of(model: Model, x: Tensor, kind: str = ADAPTIVE) -> Reference:
    """The model's own log p(x), else that of a long run of adaptive importance sampling, else unknown.

    ``kind`` NONE leaves out the long run; so does a proposal that adaptive importance sampling refuses.
    """
    if isinstance(model, Tractable):
        return exact(model, x)
    if kind == NONE or not applicable(model, x):
        return unknown(len(x))
    run = LongRun()
    log_evidence, stderr, khat = run.estimate(model, x)
    return Reference(_finite(log_evidence, "A long run"), stderr, run.sentence(stderr, khat))


def exact(model: Tractable, x: Tensor) -> Reference:
    """What the model says of itself; BadWeights where that is not one finite number a data point."""
    log_p = _as_array(model.log_evidence(x))
    if log_p.shape != (len(x),):
        raise BadWeights(
            f"log_evidence returned shape {log_p.shape}; it must return one finite value for each of the "
            f"{len(x)} data points."
        )
    _finite(log_p, "log_evidence")
    stderr = getattr(model, "log_evidence_stderr", None)
    errors = np.zeros(len(x)) if stderr is None else _as_array(stderr(x))
    return Reference(log_p, errors, str(getattr(model, "truth", "exact")))


def unknown(points: int) -> Reference:
    """No reference."""
    return Reference(np.full(points, np.nan), np.zeros(points), "not known: bias and rmse are left empty")


def _finite(log_p: np.ndarray, source: str) -> np.ndarray:
    wrong = int((~np.isfinite(log_p)).sum())
    if wrong:
        raise BadWeights(
            f"{source} gave {wrong} values that are not finite; there must be one finite value for each of "
            f"the {len(log_p)} data points: look at log_joint there."
        )
    return log_p


def _as_array(values: Tensor) -> np.ndarray:
    return np.asarray(values.detach().double().cpu().numpy())
