"""The look at a model: the same value twice, rows and draws each by itself, arguments left as they were."""

from __future__ import annotations

import time

import torch
from torch import Tensor

from evidence_bench.benchmarks.looking.modules import in_training, remedy
from evidence_bench.benchmarks.looking.proposal import faults_of_proposal
from evidence_bench.benchmarks.looking.seen import Seen, apart
from evidence_bench.benchmarks.looking.watched import Watched, first_line
from evidence_bench.benchmarks.measuring.data_points import advice_at, listed
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadModel
from evidence_bench.models.offers import is_bijective
from evidence_bench.models.randomness import KeyedDraws, keyed_generator

ROWS = 3
DRAWS = 4
POINTS = 32  # looked at for values that are not finite
POINTS_AT_ONCE = 4


def look_at_model(name: str, model: Model, x: Tensor) -> Seen:
    """What is wrong with a model on its data x [B, ...], found with 50 to 150 evaluations of log_joint.

    Rows are compared with what they are alone and draws with what they are alone, which is all that a
    sampler takes for granted. It sees no wrong density: that is for the mean weight. Errors that the model
    raises itself are passed on. Every number comes from a key; a model that draws from torch's global
    generator advances it here as it would when measured, and that is what is found.
    """
    start = time.perf_counter()
    watched, seen = Watched(name, model), Seen()
    with torch.no_grad():
        try:
            seen.findings = _faults(watched, x)
        except BadModel as error:
            seen.findings = [str(error)]
        except RuntimeError as error:
            seen.findings = [_of_types(name, x, error)]
    if not seen.findings:
        seen.notes = [
            _note(name, one) for one in (remedy(in_training(model), random=r) for r in (True, False)) if one
        ]
    seen.evaluations, seen.seconds = watched.evaluations, time.perf_counter() - start
    return seen


def some_rows(x: Tensor, most: int) -> Tensor:
    """The numbers of so many data points from all over x, in order."""
    return torch.linspace(0, len(x) - 1, min(most, len(x))).round().long()


def rows_to_compare(x: Tensor) -> Tensor:
    """A few data points, one of them twice where there is no other: rows that are alone cannot be coupled."""
    rows = x[some_rows(x, ROWS)]
    return rows if len(rows) > 1 else rows.repeat_interleave(2, 0)


def generator_of(x: Tensor, draws: int) -> KeyedDraws:
    """A key for each row of x, the look's own."""
    return KeyedDraws(tuple(keyed_generator(("look", row), x.device) for row in range(len(x))), draws)


def _faults(watched: Watched, x: Tensor) -> list[str]:
    """The faults of the proposal and, where it has none, those of log_joint."""
    rows = rows_to_compare(x)
    # Once, so that what a model makes when it is first used is there; a network's first use may be another.
    e = watched.noise(watched.proposal(rows), DRAWS, generator_of(rows, DRAWS), len(rows))
    found = faults_of_proposal(watched, rows, e)
    if found:
        return found
    z, _ = watched.draw(watched.proposal(rows), e)
    return _faults_of_log_joint(watched, rows, z) or _not_finite(watched, x)


def _faults_of_log_joint(watched: Watched, x: Tensor, z: Tensor) -> list[str]:
    """Randomness first, for where it is nothing else can be told."""
    first = watched.log_joint(x, z)
    gap = apart(first, watched.log_joint(x, z))
    if gap:
        cause = remedy(in_training(watched.model), random=True)
        return [
            f"log_joint of '{watched.name}' is random: at the same x and z its values were {gap:.3g} nats "
            "apart. " + (cause or "Let it depend on x and z alone.")
        ]
    return _alone(watched, first, x, z)


def _alone(watched: Watched, together: Tensor, x: Tensor, z: Tensor) -> list[str]:
    """One row against the row in its batch, one draw against the draw among K."""
    row = "log_joint of '{}' of one data point depends on the other data points of its batch"
    draw = "log_joint of '{}' at one z depends on the other draws"
    pieces = [(row, together[i : i + 1], x[i : i + 1], z[i : i + 1]) for i in range(len(x))]
    ends = (0, z.shape[1] - 1)
    pieces += [(draw, together[:, k : k + 1], x, z[:, k : k + 1]) for k in ends]
    return next(([said] for said in (_differs(watched, *piece) for piece in pieces) if said), [])


def _differs(watched: Watched, what: str, together: Tensor, x: Tensor, z: Tensor) -> str:
    """The sentence where a value alone is another, or cannot be had alone; "" where it is the same."""
    cause = remedy(in_training(watched.model), random=False)
    advice = cause or "Reduce over the last axis alone: .sum(-1), not .sum()."
    try:
        gap = apart(together, watched.log_joint(x, z))
    except BadModel:
        raise
    except Exception as error:
        return f"{what.format(watched.name)}: alone it raised {first_line(error)}. {advice}"
    return f"{what.format(watched.name)}: alone the value is {gap:.3g} nats away. {advice}" if gap else ""


def _not_finite(watched: Watched, x: Tensor) -> list[str]:
    """Where log weights of typical draws, and of the centre of a bijective proposal, are NaN or +inf."""
    wrong: dict[str, list[int]] = {}
    for numbers in torch.split(some_rows(x, POINTS), POINTS_AT_ONCE):
        for what, bad in _looked_at(watched, x[numbers]).items():
            wrong.setdefault(what, []).extend(numbers[bad.any(-1).cpu()].tolist())
    return [
        f"{what} at {listed(points)} of '{watched.name}'; {advice_at(x[points], _FINITE[what])}."
        for what, points in wrong.items()
        if points
    ]


_FINITE = {
    "log_joint is NaN or +inf": "make it finite there, or -inf where p(x, z) is 0",
    "the proposal's log density is not finite": "make it finite at its own draws",
    "draws of the proposal are not finite": "make its parameters finite there",
}


def _looked_at(watched: Watched, x: Tensor) -> dict[str, Tensor]:
    """By complaint, where it is true [B, K]."""
    proposal = watched.proposal(x)
    e = watched.noise(proposal, 2, generator_of(x, 2), len(x))
    if is_bijective(proposal):
        e = torch.cat([torch.zeros_like(e[:, :1]), e], 1)
    z, log_q = watched.draw(proposal, e)
    log_p = watched.log_joint(x, z)
    bad = (
        log_p.isnan() | log_p.isposinf(),
        ~log_q.isfinite(),
        ~z.isfinite().reshape(*e.shape[:2], -1).all(-1),
    )
    return dict(zip(_FINITE, bad, strict=True))


def _of_types(name: str, x: Tensor, error: RuntimeError) -> str:
    """The sentence for data of another type than the network's parameters; other errors are raised again."""
    if not any(word in str(error) for word in ("same dtype", "scalar type")):
        raise error
    return (
        f"'{name}' was handed x of type {x.dtype} and raised {first_line(error)}. Let data(n) have the type "
        "of its parameters, choose it by --dtype, or give the model a method to(device, dtype)."
    )


def _note(name: str, modules: str) -> str:
    return f"'{name}' holds a network in training mode, without effect on what was looked at: {modules}"
