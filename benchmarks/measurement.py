"""From draws to measurements: one pass over the weights serves every reducer and every K.

A Draw is the unit of work: (model, sampler) with all its K where draws are iid, one N where they are not.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.draws import Chunk, Source
from benchmarks.pooled import PooledWeights
from benchmarks.settings import Cell, Settings
from benchmarks.subject import Subject
from estimators.base import Estimator, Identity
from estimators.diagnostics import effective_sample_size, largest_weight_share
from estimators.reducers import LogMeanExp
from models.errors import BadWeights, BenchError, NotApplicable


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


@dataclass(frozen=True)
class Failure:
    """A cell that could not be measured: why, in a sentence, and the traceback for who wants it.

    Not ``applicable``: nothing broke, but the sampler has no meaning on this model.
    """

    cell: Cell
    reason: str
    detail: str = ""
    applicable: bool = True

    @staticmethod
    def of(cell: Cell, error: Exception) -> Failure:
        """From the error that ended it; our own sentences stand alone, others are named by their class."""
        text = str(error).strip() or "no message"
        sentence = text if isinstance(error, BenchError) else f"{type(error).__name__}: {text}{_place(error)}"
        return Failure(cell, sentence, "".join(traceback.format_exception(error)))


@dataclass
class _Gathered:
    """What the chunks of one K add up to, for all reducers."""

    control: np.ndarray
    ess: np.ndarray
    max_weight: np.ndarray


@dataclass
class _Tally:
    """Everything gathered while the chunks of a draw go by."""

    estimates: dict[Cell, np.ndarray]
    by_k: dict[int, _Gathered]
    pooled: PooledWeights
    evaluations: int = 0
    failures: list[Failure] = field(default_factory=list)


def plan_draws(pairs: Iterable[tuple[Cell, Estimator]], subject: Subject, strides: list[int]) -> list[Draw]:
    """The draws that the cells of one subject need; ``strides`` are all K of the study."""
    groups: dict[tuple[str, int], list[tuple[Cell, Estimator]]] = {}
    for cell, estimator in pairs:
        k = max(strides) if estimator.sampler.iid else cell.k
        groups.setdefault((repr(estimator.sampler), k), []).append((cell, estimator))
    return [Draw(subject, tuple(cells), k) for (_, k), cells in groups.items()]


def measure(draw: Draw, settings: Settings) -> Iterator[Measurement | Failure]:
    """Every cell of a draw, measured or failed; an error in the sampler or the model fails all of them."""
    tally = _empty_tally(draw, settings)
    try:
        with torch.no_grad():
            for chunk in _source(draw, settings).chunks(settings.replicates, draw.k):
                _add_chunk(tally, draw, chunk)
    except NotApplicable as error:
        yield from (Failure(cell, str(error), applicable=False) for cell, _ in draw.cells)
        return
    except Exception as error:
        yield from (Failure.of(cell, error) for cell, _ in draw.cells)
        return
    yield from tally.failures
    for cell, estimator in draw.cells:
        if cell in tally.estimates:
            yield _measurement(tally, draw, cell, estimator, settings)


def source_key(draw: Draw, settings: Settings) -> tuple[str | int, ...]:
    """What the randomness of a draw depends on, the point and the block apart."""
    return (settings.seed, draw.subject.name, repr(draw.cells[0][1].sampler))


def _source(draw: Draw, settings: Settings) -> Source:
    subject = draw.subject
    key = source_key(draw, settings)
    return Source(subject.model, draw.cells[0][1].sampler, subject.x, key, settings.memory)


def _empty_tally(draw: Draw, settings: Settings) -> _Tally:
    shape = (settings.replicates, len(draw.subject.x))

    def empty(*size: int) -> np.ndarray:
        return np.full(size, np.nan)

    by_k = {cell.k: _Gathered(empty(*shape), empty(*shape), empty(*shape)) for cell, _ in draw.cells}
    pooled = PooledWeights(shape[1], shape[0], draw.subject.reference)
    return _Tally({cell: empty(*shape) for cell, _ in draw.cells}, by_k, pooled)


def _add_chunk(tally: _Tally, draw: Draw, chunk: Chunk) -> None:
    points, replicates, _ = chunk.log_w.shape
    columns = slice(chunk.first_point, chunk.first_point + points)
    at = (slice(chunk.first_replicate, chunk.first_replicate + replicates), columns)
    tally.evaluations += chunk.evaluations
    sampler = draw.cells[0][1].sampler
    tally.pooled.add(chunk)
    for k, gathered in tally.by_k.items():
        log_w = chunk.log_w[..., :k] if sampler.iid else chunk.log_w
        log_mean = LogMeanExp()(log_w).T.cpu().numpy()
        gathered.control[at] = np.expm1(log_mean - draw.subject.reference[columns])
        gathered.ess[at] = effective_sample_size(log_w).T.cpu().numpy()
        gathered.max_weight[at] = largest_weight_share(log_w).T.cpu().numpy()
        for cell, estimator in draw.cells:
            if cell.k == k and cell in tally.estimates:
                _reduce(tally, cell, estimator, log_w, at)


def _reduce(tally: _Tally, cell: Cell, estimator: Estimator, log_w: Tensor, at: tuple[slice, slice]) -> None:
    """One reducer on one chunk; if it fails, its own cell fails and no other."""
    try:
        ours = type(estimator.reducer).__module__.startswith("estimators.reducers.")
        estimate = estimator.reducer(log_w if ours else log_w.clone())  # others might write into it
        if not isinstance(estimate, Tensor) or estimate.shape != log_w.shape[:-1]:
            raise BadWeights(
                f"{estimator.reducer!r} returned shape {tuple(getattr(estimate, 'shape', ()))}, "
                f"not {tuple(log_w.shape[:-1])}; a reducer maps log_w [..., K] to [...]."
            )
        if bool(estimate.isnan().any()):
            raise BadWeights(f"{estimator.reducer!r} returned NaN; return -inf where the estimate is log 0.")
        tally.estimates[cell][at] = estimate.double().T.cpu().numpy()
    except Exception as error:
        tally.failures.append(Failure.of(cell, error))
        del tally.estimates[cell]


def _measurement(
    tally: _Tally, draw: Draw, cell: Cell, estimator: Estimator, settings: Settings
) -> Measurement:
    subject, gathered = draw.subject, tally.by_k[cell.k]
    c2, c2_stderr, c3, c3_stderr, exact = _weight_moments(tally, subject, estimator)
    controlled = subject.exact and estimator.sampler.identity is Identity.EVIDENCE
    arrays = {
        "estimates": tally.estimates[cell],
        "reference": subject.reference,
        "reference_stderr": subject.reference_stderr,
        "ess": gathered.ess.mean(axis=0),
        "max_weight": gathered.max_weight.mean(axis=0),
        "khat": tally.pooled.khat,
        "c2": c2,
        "c2_stderr": c2_stderr,
        "c3": c3,
        "c3_stderr": c3_stderr,
    }
    if controlled:
        arrays["control"] = gathered.control
    estimates = settings.replicates * len(subject.x)
    drawn = draw.k * estimates
    facts: dict[str, object] = {
        "sampler": repr(estimator.sampler),
        "reducer": repr(estimator.reducer),
        "bound": str(estimator.bound),
        "bias_order": estimator.reducer.bias_order,
        "iid": estimator.sampler.iid,
        "expansion": str(estimator.reducer.expansion) if estimator.sampler.iid else "none",
        "moments_exact": exact,
        "evaluations": tally.evaluations * cell.k / drawn,
    }
    return Measurement(cell, arrays, facts)


def _weight_moments(
    tally: _Tally, subject: Subject, estimator: Estimator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, bool]:
    """c2, its error, c3, its error, and whether they are exact: only of the model's own proposal."""
    own = repr(estimator.sampler) == "FromProposal()"
    if own and subject.c2 is not None and subject.c3 is not None:
        zero = np.zeros_like(subject.c2)
        return subject.c2, zero, subject.c3, zero, True
    c2, c2_stderr, c3, c3_stderr = (
        tally.pooled.moments if estimator.sampler.iid else np.full_like(tally.pooled.moments, np.nan)
    )
    return c2, c2_stderr, c3, c3_stderr, False


def _place(error: Exception) -> str:
    """Where in code that is no library the error was raised, such as " (mine.py, line 12)"."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    return f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""
