"""What every reducer asks of its weights, and the centring that all of them share."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.errors import BadWeights, NotApplicable

_NAMED = 5


@dataclass(frozen=True)
class Centred:
    """log_w = log_ratio + level: log_ratio [..., K] <= 0 in float64, level [...] the largest log weight.

    A row of zero weights only (all -inf) has level 0. The level carries no gradient: what is computed
    from both does not depend on how log_w was divided between them.
    """

    log_ratio: Tensor
    level: Tensor


def checked(log_w: Tensor, min_k: int, reducer: object) -> tuple[Tensor, Tensor]:
    """(log_w in float64, its largest value in each row [...]), in nats.

    Raises NotApplicable for K below ``min_k``, BadWeights for NaN, +inf or a tensor that is no array of
    floating-point rows. -inf, a weight of zero, is legal.
    """
    if log_w.ndim == 0 or not log_w.is_floating_point():
        raise BadWeights(
            f"{reducer!r} takes log weights [..., K] of a floating-point type, not a tensor of shape "
            f"{list(log_w.shape)} and type {log_w.dtype}; put the K samples on the last axis."
        )
    if log_w.shape[-1] < min_k:
        raise NotApplicable(f"{reducer!r} needs K of at least {min_k}, not {log_w.shape[-1]}; raise K.")
    log_w = log_w.to(torch.float64)
    largest = log_w.detach().amax(-1)
    bad = ~(largest < torch.inf)  # amax hands on NaN, and no comparison with NaN holds
    if bool(bad.any()):
        raise BadWeights(_complaint(bad, largest))
    return log_w, largest


def centred(log_w: Tensor, min_k: int, reducer: object) -> Centred:
    """``checked`` weights, divided by the largest of their row."""
    log_w, largest = checked(log_w, min_k, reducer)
    level = largest.masked_fill(largest == -torch.inf, 0.0)
    return Centred(log_w - level.unsqueeze(-1), level)


def log_or_zero_weight(total: Tensor) -> Tensor:
    """log(total), and -inf with a gradient of zero (never NaN) where the total is zero."""
    empty = total == 0
    return torch.log(total.masked_fill(empty, 1.0)).masked_fill(empty, -torch.inf)


def _complaint(bad: Tensor, largest: Tensor) -> str:
    rows = bad.nonzero().tolist()
    named = ", ".join(str(row[0] if len(row) == 1 else tuple(row)) for row in rows[:_NAMED])
    what = "NaN" if bool(largest.isnan().any()) else "+inf"
    if what == "NaN" and bool((largest == torch.inf).any()):
        what = "NaN or +inf"
    where = f"{len(rows)} of {bad.numel()} rows (rows {named}{', ...' if len(rows) > _NAMED else ''})"
    if bad.ndim == 0:
        where = "the only row"
    return (
        f"The log weights hold {what} in {where}; a density returned it: make log_joint and the "
        "proposal finite there (-inf, a weight of zero, is allowed)."
    )
