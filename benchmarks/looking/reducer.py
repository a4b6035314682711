"""The look at a reducer, on weights that need no model: a function of each row, and of nothing else."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.looking.seen import Seen, apart, unchanged
from evidence_bench.estimators.base import Reducer
from evidence_bench.models.randomness import keyed_generator, standard_normal

SHAPE = (2, 3)


def look_at_reducer(name: str, reducer: Reducer, k: int) -> Seen:
    """What is wrong with a reducer at K = k, on lognormal weights [2, 3, K].

    What it raises is left to the measurement, which says it with its place; so is NaN.
    """
    log_w = standard_normal(
        keyed_generator(("look at a reducer",)), *SHAPE, k, torch.float64, torch.device("cpu")
    )
    try:
        with torch.no_grad():
            found = _faults(reducer, log_w)
    except Exception:
        return Seen()
    return Seen([f"The reducer of '{name}' {found}"] if found else [])


def _faults(reducer: Reducer, log_w: Tensor) -> str:
    copy = log_w.clone()
    first: Any = reducer(copy)
    if not isinstance(first, Tensor) or first.shape != SHAPE:
        what = f"shape {tuple(first.shape)}" if isinstance(first, Tensor) else f"a {type(first).__name__}"
        return f"returned {what} for weights of shape {tuple(log_w.shape)}; a reducer maps [..., K] to [...]."
    if not first.is_floating_point():
        return f"returned type {first.dtype}; return torch.float64."
    if not unchanged(log_w, copy):
        return "writes into its weights, which others are measured on; let it work on log_w.clone()."
    if apart(first, reducer(log_w.clone())):
        return "is random: the same weights gave two values; let it depend on its weights alone."
    if apart(first[1:, 2:], reducer(log_w[1:, 2:].clone())):
        return "gives a row another value where it is alone; reduce over the last axis alone (dim=-1)."
    if reducer.symmetric and apart(first, reducer(log_w.flip(-1))):
        return "declares symmetric = True, but its value depends on the order of the weights; declare False."
    return ""
