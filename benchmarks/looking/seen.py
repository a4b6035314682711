"""What a look found, and the comparison that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

LEFT_OUT = "left out by --no-check"
# Rounding is no fault: a float32 product of matrices takes another path at another batch size, and sums of
# some hundred log densities then differ by 1e-4 nats, or by 1e-6 of their size. Ten times that is allowed;
# what couples rows or draws random numbers differs by far more.
SLACK_NATS = 1e-3
SLACK_RELATIVE = 1e-5
TF32 = 100  # times that where a GPU may keep 10 bits of a factor, as it does in convolutions


@dataclass
class Seen:
    """Sentences: ``findings`` keep their cells from being measured, ``notes`` do not.

    ``evaluations`` of log_joint and ``seconds`` are the look's own cost.
    """

    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evaluations: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """As plain data, for provenance.json."""
        return {
            "findings": self.findings,
            "notes": self.notes,
            "evaluations": self.evaluations,
            "seconds": round(self.seconds, 4),
        }


def apart(first: Tensor, second: Tensor) -> float:
    """The largest difference of two tensors beyond rounding, 0 where there is none."""
    beyond = gaps(first, second)
    return float(beyond.max()) if beyond.numel() else 0.0


def gaps(first: Tensor, second: Tensor) -> Tensor:
    """The differences of two tensors, 0 where rounding explains them.

    Equal infinities and two NaN are no difference; a NaN or an infinity against anything else is infinite.
    """
    first, second = first.detach().double(), second.detach().double()
    same = (first == second) | (first.isnan() & second.isnan())
    gap = (first - second).abs().nan_to_num(nan=torch.inf, posinf=torch.inf)
    size = torch.minimum(first.abs(), second.abs()).nan_to_num(nan=0.0)
    slack = coarseness(first.device) * (SLACK_NATS + SLACK_RELATIVE * size)
    return torch.where(same | (gap.isfinite() & (gap <= slack)), 0.0, gap)


def coarseness(device: torch.device) -> float:
    """How much coarser than float32 products may be on a device."""
    coarse = torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32
    return TF32 if device.type == "cuda" and coarse else 1


def unchanged(before: Tensor, after: Tensor) -> bool:
    """Whether a tensor still holds what it did; NaN is equal to itself here."""
    return bool(((before == after) | ((before != before) & (after != after))).all())
