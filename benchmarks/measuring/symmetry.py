"""Does an estimate change when its weights come in another order? Looked at on a row of a study's weights."""

from __future__ import annotations

import torch
from torch import Tensor

from evidence_bench.estimators.base import Reducer

_LARGEST = 1e300  # nats: JSON has no infinity


def asymmetry(reducer: Reducer, log_w: Tensor) -> float | None:
    """By how many nats the estimate from log_w [K] moves when the weights are reversed, and halved.

    The latter puts the later half first. None where the reducer cannot be asked.
    """
    k = log_w.shape[-1]
    orders = (log_w, log_w.flip(-1), log_w.roll(k // 2, -1))
    try:
        with torch.no_grad():
            values = [float(reducer(row.clone()[None])[0]) for row in orders]
    except Exception:  # what is wrong with it is said where its estimates are made
        return None
    return max(0.0 if value == values[0] else min(abs(value - values[0]), _LARGEST) for value in values)
