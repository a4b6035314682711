"""What every reducer asks of its weights, and the centring that most of them share."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.errors import BadWeights, NotApplicable

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

    Raises as ``accepted`` does, and BadWeights for NaN and +inf.
    """
    log_w = accepted(log_w, min_k, reducer)
    largest = log_w.detach().amax(-1)
    refuse_bad(largest)
    return log_w, largest


def centred(log_w: Tensor, min_k: int, reducer: object) -> Centred:
    """``checked`` weights, divided by the largest of their row."""
    log_w, largest = checked(log_w, min_k, reducer)
    level = largest.masked_fill(largest == -torch.inf, 0.0)
    return Centred(log_w - level.unsqueeze(-1), level)


def accepted(log_w: Tensor, min_k: int, reducer: object) -> Tensor:
    """log_w in float64, whose values are yet to be looked at (``refuse_bad``).

    Raises BadWeights for a tensor that is no array of floating-point rows, NotApplicable for K below
    ``min_k``.
    """
    if log_w.ndim == 0 or not log_w.is_floating_point():
        raise BadWeights(
            f"{reducer!r} takes log weights [..., K] of a floating-point type, not a tensor of shape "
            f"{list(log_w.shape)} and type {log_w.dtype}; put the K samples on the last axis."
        )
    enough(log_w.shape[-1], min_k, reducer)
    return log_w.to(torch.float64)


def enough(k: int, min_k: int, reducer: object) -> None:
    """Raises NotApplicable for K below ``min_k``."""
    if k < min_k:
        raise NotApplicable(f"{reducer!r} needs K of at least {min_k}, not {k}; raise K.")


def refuse_bad(largest: Tensor) -> None:
    """Raises BadWeights where the largest log weight of a row [...] is NaN or +inf.

    A maximum hands on NaN. -inf, a weight of zero, is legal.
    """
    bad = ~(largest < torch.inf)  # no comparison with NaN holds
    if bool(bad.any()):
        raise BadWeights(_complaint(bad, largest))


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
