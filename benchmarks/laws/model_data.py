"""Laws of a model's data: the first points are always the same, and a simulated one has its own key."""

from __future__ import annotations

from typing import Any

import torch

from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.model_subject import ModelSubject
from evidence_bench.models.base import HasData
from evidence_bench.models.offers import can_simulate
from evidence_bench.models.randomness import KeyedDraws, keyed_generator

_FEW, _MANY = 3, 7


def _data(subject: ModelSubject) -> Outcome:
    """data(n) begins with data(m) for m below n, each time it is asked."""
    model: Any = subject.model
    few, again = model.data(_FEW), model.data(_FEW)
    if not torch.equal(few, again):
        return fails("data(n) gives other points the second time; fix its seed.")
    try:
        many = model.data(_MANY)
    except Exception:
        return holds("the same points each time.")
    if len(few) != _FEW or not torch.equal(few, many[:_FEW]):
        return fails(f"data({_MANY}) does not begin with data({_FEW}); n may not choose the first points.")
    return holds("the same first points for every n.")


def _simulate(subject: ModelSubject) -> Outcome:
    def simulated(n: int) -> Any:
        keys = tuple(keyed_generator(("simulate", i)) for i in range(n))
        return subject.model.simulate(n, KeyedDraws(keys, block=64))

    few, many = simulated(5), simulated(40)
    if len(many.x) != 40 or len(many.z) != 40:
        return fails(f"simulate(40) gives {len(many.x)} x and {len(many.z)} z.")
    for one, other, what in ((few.x, many.x, "x"), (few.z, many.z, "z")):
        if one.numel() and not torch.allclose(one, other[:5], rtol=1e-6, atol=1e-6):
            return fails(f"the first simulated {what} depend on how many there are; draw noise row by row.")
    if len(many.z.unique(dim=0)) < 2:
        return fails("all simulated latents are the same.")
    return holds("a simulated point depends on its own key alone.")


def _none(subject: ModelSubject) -> str:
    return "" if isinstance(subject.model, HasData) else "it has no data of its own."


def _silent(subject: ModelSubject) -> str:
    return "" if can_simulate(subject.model) else "it does not simulate."


DATA = Law("data", "the first points do not depend on n", _data, _none)
SIMULATE = Law("simulate", "a simulated point depends on its own key", _simulate, _silent)
LAWS = (DATA, SIMULATE)
