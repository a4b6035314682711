"""Activity and KL of every latent unit of a model, as plain data for the run folder."""

from __future__ import annotations

from typing import Any

from evidence_bench.benchmarks.measuring.subject import Subject
from evidence_bench.models.training.measure import ACTIVE
from evidence_bench.models.training.units import latent_units
from evidence_bench.models.vaes.network_model import NetworkModel


def measured_units(subject: Subject) -> dict[str, Any]:
    """By stochastic layer the activity and the KL term (nats) of each unit, over the subject's data points.

    ``{"layers": [{"activity": [...], "kl": [...]}], "points": B, "active_above": 0.01}``; no layers for a
    model without a network.
    """
    if not isinstance(subject.model, NetworkModel):
        return {"layers": [], "points": len(subject.x), "active_above": ACTIVE}
    x = subject.x.cpu()  # its noise is made there, a generator an image
    layers = latent_units(subject.model.network(x.dtype, "cpu"), x)
    return {
        "layers": [{"activity": one.activity.tolist(), "kl": one.kl.tolist()} for one in layers],
        "points": len(subject.x),
        "active_above": ACTIVE,
    }
