"""The look at a model's data: the same points each time they are asked for."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from evidence_bench.benchmarks.looking.seen import unchanged
from evidence_bench.benchmarks.measuring.subject import data_points
from evidence_bench.models.base import HasData


def faults_of_data(name: str, model: Any, x: Tensor) -> list[str]:
    """What is wrong with the data x [B, ...] of a model, which are asked for once more.

    A run that is resumed needs the same: its cells stand side by side.
    """
    again = data_points(name, model, len(x), "data once more").to(x)
    if again.shape == x.shape and unchanged(x, again):
        return []
    if isinstance(model, HasData):
        return [
            f"data({len(x)}) of '{name}' gives other points when it is asked again, and no run on them could "
            "be resumed. Draw them with a torch.Generator of a fixed seed, made in data."
        ]
    return [
        f"simulate(n, generator) of '{name}' gives other points from the same generator. Draw by "
        "evidence_bench.models.randomness.standard_normal(generator, rows, k, d, dtype, device) or its "
        "like alone."
    ]
