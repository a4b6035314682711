"""Laws of a sampler's randomness: it comes from the generator alone, row by row and draw by draw."""

from __future__ import annotations

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.cases import CORRELATED, draws, replicates
from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject
from evidence_bench.models.randomness import keyed_generator

_REMEDY = "draw noise through models.randomness or the proposal's noise()"


def _apart(one: Tensor, other: Tensor) -> float:
    """Largest difference in nats; inf where shapes or infinities differ."""
    if one.shape != other.shape or not torch.equal(one.isinf(), other.isinf()):
        return torch.inf
    finite = one.isfinite()
    return float((one - other)[finite].abs().max()) if finite.any() else 0.0


def _same(got: Tensor, expected: Tensor, subject: SamplerSubject, what: str) -> Outcome:
    apart = _apart(got, expected)
    if apart <= subject.rounding:
        return holds(f"the same to {apart:.1e} nats.", apart)
    return fails(f"{what} changes log weights by up to {apart:.2g} nats; {_REMEDY}.", apart)


def _generator(subject: SamplerSubject) -> Outcome:
    """The same generator gives the same bits, another one others, and torch's global one is left alone."""
    model, x, state = CORRELATED.model, CORRELATED.points(4), torch.get_rng_state()
    first, second, other = (
        subject.draw(model, x, subject.k, keyed_generator(("generator", seed))) for seed in (5, 5, 6)
    )
    if not torch.equal(state, torch.get_rng_state()):
        return fails(f"it draws from torch's global generator; {_REMEDY}.")
    if not torch.equal(first, second):
        return fails(f"the same generator gives other weights; {_REMEDY}.")
    if torch.equal(first, other):
        return fails("another generator gives the same weights; draw from the generator.")
    return holds("its noise is the generator's.")


def _replicates(subject: SamplerSubject) -> Outcome:
    points, k = 3, subject.k
    x = CORRELATED.points(points)

    def drawn(take: int) -> Tensor:
        rows = x.repeat_interleave(take, 0)
        log_w = subject.draw(CORRELATED.model, rows, k, replicates(points, 8, take))
        return log_w.view(points, take, -1)

    return _same(drawn(2), drawn(5)[:, :2], subject, "the number of replicates drawn beside it")


def _rows(subject: SamplerSubject) -> Outcome:
    x, k = CORRELATED.points(4), subject.k
    together = subject.draw(CORRELATED.model, x, k, draws(4, k))
    alone = type(draws(1, 1))(draws(4, k).generators[2:3], k)
    one = subject.draw(CORRELATED.model, x[2:3], k, alone)
    return _same(together[2:3], one, subject, "another row of x")


def _prefix(subject: SamplerSubject) -> Outcome:
    """What one draw for all K of a study rests on."""
    k, x = subject.k, CORRELATED.points(3)
    less = max(subject.sampler.min_k, k // 3)
    many, few = (subject.draw(CORRELATED.model, x, n, draws(3, 2 * k)) for n in (k, less))
    return _same(many[:, :less], few, subject, "asking for more draws")


def _not_iid(subject: SamplerSubject) -> str:
    return "" if subject.sampler.iid else "it does not declare its weights iid."


GENERATOR = Law("generator", "noise comes from the generator alone", _generator)
REPLICATES = Law("replicates", "a replicate does not depend on how many there are", _replicates)
ROWS = Law("rows", "a row of x does not depend on the others", _rows)
PREFIX = Law("prefixes", "fewer draws are the first ones of many", _prefix, _not_iid)
LAWS = (GENERATOR, REPLICATES, ROWS, PREFIX)
