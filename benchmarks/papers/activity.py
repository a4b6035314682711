"""Activity of each latent unit against its KL term."""

from __future__ import annotations

import math
from typing import Any

from scipy import stats

from evidence_bench.benchmarks.papers.measured import Measured
from evidence_bench.benchmarks.papers.sheet import Cell, Column, Sheet

COLUMNS = (
    Column("model"),
    Column("layer"),
    Column("units"),
    Column("active"),
    Column("KL of all units", "nats"),
    Column("of that in the active ones", "%"),
    Column("smallest KL of an active unit", "nats"),
    Column("largest KL of another", "nats"),
    Column("rank correlation of activity and KL"),
)
UNITS = (
    Column("model"),
    Column("layer"),
    Column("unit"),
    Column("activity"),
    Column("KL", "nats"),
    Column("active?"),
)


def sheets(measured: Measured) -> list[Sheet]:
    """A row a stochastic layer, then a row a unit."""
    layers = [
        (model, number, layer, units["active_above"])
        for model, units in measured.units.items()
        for number, layer in enumerate(units.get("layers", []), 1)
    ]
    return [
        Sheet(
            "Active units and the KL divergence (Burda et al., section 5.2)",
            COLUMNS,
            tuple(_summary(*one) for one in layers),
            (
                "Activity: Cov over images of E_q[u|x]; a unit is active above 0.01. KL: E log q(u|below) - "
                "log p(u|above), whose sum over units is what the ELBO pays. Layer 1 is nearest to the data.",
            ),
        ),
        Sheet(
            "Every unit, most active first",
            UNITS,
            tuple(row for one in layers for row in _units(*one)),
        ),
    ]


def _summary(model: str, number: int, layer: dict[str, Any], above: float) -> tuple[Cell, ...]:
    activity, kl = layer["activity"], layer["kl"]
    active = [k for a, k in zip(activity, kl, strict=True) if a > above]
    others = [k for a, k in zip(activity, kl, strict=True) if a <= above]
    correlation = float(stats.spearmanr(activity, kl).statistic) if len(activity) > 2 else math.nan
    return (
        model,
        number,
        len(activity),
        len(active),
        float(sum(kl)),
        100 * sum(active) / sum(kl) if sum(kl) > 0 else math.nan,
        min(active, default=math.nan),
        max(others, default=math.nan),
        correlation,
    )


def _units(model: str, number: int, layer: dict[str, Any], above: float) -> list[tuple[Cell, ...]]:
    pairs = list(enumerate(zip(layer["activity"], layer["kl"], strict=True), 1))
    ordered = sorted(pairs, key=lambda pair: -pair[1][0])
    return [(model, number, unit, a, kl, "yes" if a > above else "no") for unit, (a, kl) in ordered]
