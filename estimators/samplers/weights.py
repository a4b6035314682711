"""The last step of every sampler: float64, and no weight that is not a weight."""

from __future__ import annotations

from torch import Tensor

from evidence_bench.estimators.base import LogWeights
from evidence_bench.models.errors import BadWeights

_SHOWN = 10


def log_weights(log_w: Tensor, suspects: Tensor | None = None) -> LogWeights:
    """LogWeights of log_w [B, K] in float64; -inf is kept, NaN and +inf are errors.

    ``suspects`` [B, ...]: what to look through in place of log_w, where that would hide an error.
    Raises BadWeights naming the rows of x. Looks once, so it waits for the device once.
    """
    log_w = log_w.double()
    looked_at = log_w if suspects is None else suspects
    bad = (looked_at.isnan() | looked_at.isposinf()).flatten(1).any(dim=1)
    rows = bad.nonzero().flatten().tolist()
    if rows:
        listed = ", ".join(str(row) for row in rows[:_SHOWN]) + (", ..." if len(rows) > _SHOWN else "")
        raise BadWeights(
            f"log weights are NaN or +inf in {len(rows)} of {len(bad)} rows of x ({listed}); "
            "make log_joint finite or -inf there, and the proposal's log density finite.",
            rows,
        )
    return LogWeights(log_w)
