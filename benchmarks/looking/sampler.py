"""The look at a sampler on a model that was found right: what is wrong with its weights is its own fault."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from evidence_bench.benchmarks.looking.model import some_rows
from evidence_bench.benchmarks.looking.seen import Seen, apart, gaps, unchanged
from evidence_bench.benchmarks.looking.watched import first_line
from evidence_bench.benchmarks.measuring.draws import weights_of
from evidence_bench.estimators.base import Sampler
from evidence_bench.estimators.counted import Counted
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadWeights
from evidence_bench.models.randomness import Generator, KeyedDraws, KeyedReplicates, keyed_generator

ROWS = 2
MOST_FLIPPED = 0.5  # of weights that rounding may change where draws are accepted or not
_DRAW_NOISE = "draw by models.randomness.standard_normal(generator, rows, k, d, dtype, device) and its like"


def look_at_sampler(name: str, sampler: Sampler, model: Model, x: Tensor, k: int) -> Seen:
    """What is wrong with the sampler of estimator ``name`` at K = k on data x [B, ...]; some 6 k evaluations.

    The model is one that the look at models passed. What the sampler raises is left to the measurement, which
    says it with its place.
    """
    seen, counted = Seen(), Counted(model)
    rows = x[some_rows(x, ROWS)]
    k = max(sampler.min_k, min(k, 4)) if sampler.iid else k
    with torch.no_grad():
        try:
            found = _faults(f"The sampler of '{name}'", sampler, counted, rows, k)
        except BadWeights as error:
            found = str(error)
        except Exception:
            found = ""
    seen.findings = [found] if found else []
    seen.evaluations = counted.evaluations
    return seen


def _faults(name: str, sampler: Sampler, model: Counted, x: Tensor, k: int) -> str:
    first, copy = _first(name, sampler, model, x, k)
    if not unchanged(x, copy):
        return f"{name} writes into x; let it work on x.clone()."
    bad = first.isnan() | first.isposinf()
    if bad.any():
        return (
            f"{name} gives log weights that are NaN or +inf, though log_joint and the proposal of the model "
            "are finite at the proposal's own draws; make its density finite where it draws."
        )
    again = _drawn(sampler, model, x, k, _keys(sampler, x, k))
    if again.shape != first.shape or apart(first, again):
        return (
            f"{name} is random beyond the generator that it is handed: the same generator gave other "
            f"weights, and no run could be repeated. Keep nothing between calls, and {_DRAW_NOISE}."
        )
    return _coupled(name, sampler, model, x, k, first)


def _first(name: str, sampler: Sampler, model: Counted, x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The weights [B, K], and the x that the sampler was handed."""
    copy = x.clone()
    try:
        return _drawn(sampler, model, copy, k, _keys(sampler, x, k)), copy
    except TypeError as error:
        try:  # is it the generator? A sampler that passes it to torch itself takes a torch.Generator alone
            sampler(model, x.clone(), k, keyed_generator(("look",), x.device))
        except Exception:
            raise error from None
        raise BadWeights(
            f"{name} takes a torch.Generator alone ({first_line(error)}); the bench hands it one for each "
            f"data point: {_DRAW_NOISE}."
        ) from error


def _coupled(name: str, sampler: Sampler, model: Counted, x: Tensor, k: int, first: Tensor) -> str:
    """The last row against itself alone and, where iid is declared, the last draws likewise."""
    if len(x) > 1:
        last = len(x) - 1
        found = _other(
            first[last:],
            lambda: _drawn(sampler, model, x[last:], k, _keys(sampler, x, k, last)),
            0 if sampler.iid else MOST_FLIPPED,
        )
        if found:
            return (
                f"{name} gives a row of x other weights where it is alone ({found}); let rows be independent."
            )
    if sampler.iid and k > 1:
        half = k // 2
        found = _other(
            first[:, half:],
            lambda: _drawn(sampler, model, x, k - half, _keys(sampler, x, k, skip=half)),
        )
        if found:
            return (
                f"{name} declares iid = True, but its draws depend on each other or on K: the last "
                f"{k - half} of {k} are others where they are drawn alone ({found}); declare iid = False."
            )
    return ""


def _other(expected: Tensor, alone: Callable[[], Tensor], most: float = 0) -> str:
    """How weights drawn alone differ, "" where no more than a share ``most`` of them does."""
    try:
        found = alone()
    except BadWeights as error:
        return str(error)
    except Exception as error:
        return first_line(error)
    if found.shape != expected.shape:
        return f"shape {tuple(found.shape)}, not {tuple(expected.shape)}"
    gap = gaps(found, expected)
    return f"by {gap.max():.3g} nats" if (gap > 0).double().mean() > most else ""


def _drawn(sampler: Sampler, model: Counted, x: Tensor, k: int, generator: Generator) -> Tensor:
    return weights_of(sampler(model, x, k, generator), sampler, len(x), k)


def _keys(sampler: Sampler, x: Tensor, k: int, first: int = 0, skip: int = 0) -> Generator:
    """A key for each row of x from ``first`` on, as the bench hands them to samplers of that kind."""
    keys = tuple(keyed_generator(("look", row), x.device) for row in range(first, len(x)))
    return KeyedDraws(keys, k, skip) if sampler.iid else KeyedReplicates(keys, 1, 1)
