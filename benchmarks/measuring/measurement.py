"""From draws to measurements: one pass over the weights serves every reducer and every K.

A Draw is the unit of work: (model, sampler) with all its K where draws are iid, one N where they are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from evidence_bench.benchmarks.command.headway import report
from evidence_bench.benchmarks.measuring.draws import Source
from evidence_bench.benchmarks.measuring.failure import Failure
from evidence_bench.benchmarks.measuring.gathering import Gathered
from evidence_bench.benchmarks.measuring.memory import budget
from evidence_bench.benchmarks.measuring.subject import Subject
from evidence_bench.benchmarks.statistics.arrays import mean_of_defined
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.base import Estimator, Identity
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.networks import softplus

__all__ = ["Draw", "Failure", "Measurement", "measure", "plan_draws", "shared", "source_key"]


@dataclass(frozen=True)
class Draw:
    """Cells of one sampler on one model that share their weights; ``k`` is the stride of a replicate."""

    subject: Subject
    cells: tuple[tuple[Cell, Estimator], ...]
    k: int


@dataclass(frozen=True)
class Measurement:
    """Raw figures of one cell: ``arrays`` by name ([R, B] or [B], numpy), ``facts`` as plain data."""

    cell: Cell
    arrays: dict[str, np.ndarray]
    facts: dict[str, object]


def plan_draws(
    pairs: Iterable[tuple[Cell, Estimator]], subject: Subject, strides: Sequence[int]
) -> list[Draw]:
    """The draws that the cells of one subject need; ``strides`` are all K of the study."""
    return [Draw(subject, tuple(cells), k) for k, cells in shared(pairs, strides)]


def shared(
    pairs: Iterable[tuple[Cell, Estimator]], strides: Sequence[int]
) -> list[tuple[int, list[tuple[Cell, Estimator]]]]:
    """Cells of one model by what they draw from: the stride, and all cells of one sampler at it."""
    groups: list[tuple[int, list[tuple[Cell, Estimator]]]] = []
    for cell, estimator in pairs:
        k = max(strides) if estimator.sampler.iid else cell.k
        alike = (cells for at, cells in groups if at == k and cells[0][1].shares_draws(estimator))
        found = next(alike, None)
        if found is None:
            groups.append((k, [(cell, estimator)]))
        else:
            found.append((cell, estimator))
    return groups


def measure(draw: Draw, settings: Settings) -> Iterator[Measurement | Failure]:
    """Every cell of a draw, measured or failed; an error in the sampler or the model fails all of them."""
    gathered = Gathered(draw.cells, settings.replicates, draw.subject.reference)
    try:
        evaluations = settings.replicates * len(draw.subject.x) * draw.k
        with torch.no_grad(), softplus.expecting(evaluations):
            for chunk in _source(draw, settings).chunks(settings.replicates, draw.k):
                report(draw.cells[0][0].estimator, chunk.first_point, len(draw.subject.x))
                gathered.add(chunk)
            report(draw.cells[0][0].estimator, len(draw.subject.x), len(draw.subject.x))
    except NotApplicable as error:
        yield from (Failure(cell, str(error), applicable=False) for cell, _ in draw.cells)
        return
    except Exception as error:
        yield from (Failure.of(cell, error) for cell, _ in draw.cells)
        return
    yield from gathered.failures
    for cell, estimator in draw.cells:
        if cell in gathered.estimates:
            yield _measurement(gathered, draw, cell, estimator, settings)


def source_key(draw: Draw, settings: Settings) -> tuple[str | int, ...]:
    """What the randomness of a draw depends on, the point and the block apart."""
    return (settings.seed, draw.subject.key or draw.subject.name, draw.cells[0][1].draws_key)


def _source(draw: Draw, settings: Settings) -> Source:
    subject = draw.subject
    key = source_key(draw, settings)
    return Source(subject.model, draw.cells[0][1].sampler, subject.x, key, budget(settings))


def _measurement(
    gathered: Gathered, draw: Draw, cell: Cell, estimator: Estimator, settings: Settings
) -> Measurement:
    subject, at_k = draw.subject, gathered.by_k[cell.k]
    c2, c2_stderr, c3, c3_stderr, exact = _weight_moments(gathered, subject, estimator)
    none = np.full_like(gathered.pooled.c2_halves, np.nan)
    controlled = subject.exact and estimator.sampler.identity is Identity.EVIDENCE
    arrays = {
        "estimates": gathered.estimates[cell],
        "reference": subject.reference,
        "reference_stderr": subject.reference_stderr,
        "reference_degrees": np.broadcast_to(subject.reference_degrees, subject.reference.shape),
        "reference_doubtful": _floats(subject.reference_doubtful, subject.reference.shape),
        "x_group": subject.x_group,
        "ess": at_k.ess.mean(axis=0),
        "max_weight": mean_of_defined(at_k.max_weight, axis=0),
        "khat": gathered.pooled.khat,
        "c2": c2,
        "c2_stderr": c2_stderr,
        "c3": c3,
        "c3_stderr": c3_stderr,
        "c2_halves": gathered.pooled.c2_halves if estimator.sampler.iid else none,
        "khat_halves": gathered.pooled.khat_halves,
    }
    if subject.lower is not None and subject.upper is not None:
        arrays |= {"reference_lower": subject.lower, "reference_upper": subject.upper}
    if controlled:
        arrays["log_mean_ratio"] = at_k.log_mean_ratio
    if estimator.sampler.iid and gathered.dependence.n > 1:
        of_weights = gathered.dependence
        arrays |= {"bounded_mean": of_weights.mean, "bounded_variance": of_weights.variance}
    estimates = settings.replicates * len(subject.x)
    drawn = draw.k * estimates
    facts: dict[str, object] = {
        "sampler": repr(estimator.sampler),
        "draws": estimator.draws_key,
        "reducer": repr(estimator.reducer),
        "bound": str(estimator.bound),
        "bias_order": estimator.reducer.bias_order,
        "iid": estimator.sampler.iid,
        "expansion": str(estimator.reducer.expansion) if estimator.sampler.iid else "none",
        "moments_exact": exact,
        "epsilon": torch.finfo(subject.x.dtype if subject.x.is_floating_point() else torch.float32).eps,
        "evaluations": gathered.evaluations * cell.k / drawn,
        "bounded_n": gathered.dependence.n,
        "asymmetry": gathered.asymmetry.get(cell),
    }
    return Measurement(cell, arrays, facts)


def _weight_moments(
    gathered: Gathered, subject: Subject, estimator: Estimator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, bool]:
    """c2, its error, c3, its error, and whether they are exact: only of the model's own proposal."""
    own = type(estimator.sampler) is FromProposal
    if own and subject.c2 is not None and subject.c3 is not None:
        zero = np.zeros_like(subject.c2)
        return subject.c2, zero, subject.c3, zero, True
    c2, c2_stderr, c3, c3_stderr = (
        gathered.pooled.moments if estimator.sampler.iid else np.full_like(gathered.pooled.moments, np.nan)
    )
    return c2, c2_stderr, c3, c3_stderr, False


def _floats(holds: np.ndarray | bool, shape: tuple[int, ...]) -> np.ndarray:
    """1.0 where it holds, else 0.0."""
    return np.broadcast_to(np.asarray(holds, dtype=np.float64), shape)
