"""What the chunks of a draw add up to: every estimate asked for, the controls and the diagnostics.

Replicate r at K is the first K weights of replicate r, so all reducers and all K of a chunk are worked out
from sums over its prefixes; only a reducer of which nothing is known gets each prefix by itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.measuring.dependence import Dependence
from evidence_bench.benchmarks.measuring.draws import Chunk
from evidence_bench.benchmarks.measuring.failure import Failure
from evidence_bench.benchmarks.measuring.pooled import PooledWeights
from evidence_bench.benchmarks.measuring.symmetry import asymmetry
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.estimators.base import Estimator, Reducer
from evidence_bench.estimators.diagnostics import effective_sample_sizes, largest_weight_shares
from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.estimators.reducers.nested import together
from evidence_bench.estimators.reducers.prefix_sums import PrefixSums, prefix_sums
from evidence_bench.models.errors import BadWeights

_At = tuple[slice, slice]  # replicates and points of a chunk


@dataclass(frozen=True)
class AtK:
    """Of the weights at one K, for all reducers: arrays [R, B].

    ``log_mean_ratio`` is log(mean(w) / p(x)) in nats; -inf where all weights are zero.
    """

    log_mean_ratio: np.ndarray
    ess: np.ndarray
    max_weight: np.ndarray


class Gathered:
    """Filled chunk by chunk for the cells of one sampler; ``reference`` [B] is log p(x) where known.

    A cell that fails leaves ``estimates`` and has its reason in ``failures``.
    """

    def __init__(
        self, cells: Sequence[tuple[Cell, Estimator]], replicates: int, reference: np.ndarray
    ) -> None:
        def empty() -> np.ndarray:
            return np.full((replicates, len(reference)), np.nan)

        self.estimates = {cell: empty() for cell, _ in cells}
        self.by_k = {cell.k: AtK(empty(), empty(), empty()) for cell, _ in cells}
        self.pooled = PooledWeights(len(reference), replicates)
        self.dependence = Dependence(replicates, len(reference))
        self.asymmetry: dict[Cell, float | None] = {}
        self.evaluations = 0
        self.failures: list[Failure] = []
        self._cells = cells
        self._reference = reference
        self._iid = cells[0][1].sampler.iid

    def add(self, chunk: Chunk) -> None:
        """All that is asked of the weights of a chunk."""
        points, replicates, drawn = chunk.log_w.shape
        columns = slice(chunk.first_point, chunk.first_point + points)
        at = (slice(chunk.first_replicate, chunk.first_replicate + replicates), columns)
        self.evaluations += chunk.evaluations
        pairs = [(cell, estimator) for cell, estimator in self._cells if cell in self.estimates]
        asked = [(estimator.reducer, cell.k if self._iid else drawn) for cell, estimator in pairs]
        groups = together(asked)
        with _one_thread():
            self.pooled.add(chunk)
            self.dependence.add(chunk)
            sums = prefix_sums(chunk.log_w, sorted(self.by_k) if self._iid else [drawn])
            self._add_diagnostics(sums, at)
            for group in groups:
                self._reduce([pairs[i] for i in group.places], at, partial(group.values, chunk.log_w, sums))
            self._look_at_order(pairs, chunk.log_w[0, 0])
        for i in sorted(set(range(len(pairs))).difference(*(group.places for group in groups))):
            self._reduce([pairs[i]], at, partial(_by_itself, *asked[i], chunk.log_w))

    def _look_at_order(self, pairs: Sequence[tuple[Cell, Estimator]], log_w: Tensor) -> None:
        """Once for each cell whose reducer says that the order of the weights does not matter."""
        for cell, estimator in pairs:
            if estimator.reducer.symmetric and cell not in self.asymmetry:
                row = log_w[: cell.k] if self._iid else log_w
                self.asymmetry[cell] = asymmetry(estimator.reducer, row)

    def _add_diagnostics(self, sums: PrefixSums, at: _At) -> None:
        log_mean = _by_k(LogMeanExp().of_sums(sums))
        ess, share = _by_k(effective_sample_sizes(sums)), _by_k(largest_weight_shares(sums))
        for i, k in enumerate(sorted(self.by_k)):
            self.by_k[k].log_mean_ratio[at] = log_mean[i] - self._reference[at[1]]
            self.by_k[k].ess[at], self.by_k[k].max_weight[at] = ess[i], share[i]

    def _reduce(self, pairs: Sequence[tuple[Cell, Estimator]], at: _At, values: Callable[[], Tensor]) -> None:
        """The estimates of some cells [b, r, cells]; what fails fails its own cells and no other."""
        try:
            estimates = _by_k(values())
        except Exception as error:
            for cell, _ in pairs:
                self._drop(cell, error)
            return
        for (cell, estimator), estimate in zip(pairs, estimates, strict=True):
            if np.isnan(estimate).any():
                text = f"{estimator.reducer!r} returned NaN; return -inf where the estimate is log 0."
                self._drop(cell, BadWeights(text))
            else:
                self.estimates[cell][at] = estimate

    def _drop(self, cell: Cell, error: Exception) -> None:
        self.failures.append(Failure.of(cell, error))
        del self.estimates[cell]


def _by_k(values: Tensor) -> np.ndarray:
    """[n, r, b] from values [b, r, n]."""
    return np.asarray(values.permute(2, 1, 0).double().cpu().numpy())


def _by_itself(reducer: Reducer, k: int, log_w: Tensor) -> Tensor:
    """The estimates [..., 1] of a reducer of which nothing is known: it might write into the weights."""
    estimate = reducer(log_w[..., :k].clone())
    if not isinstance(estimate, Tensor) or estimate.shape != log_w.shape[:-1]:
        raise BadWeights(
            f"{reducer!r} returned shape {tuple(getattr(estimate, 'shape', ()))}, "
            f"not {tuple(log_w.shape[:-1])}; a reducer maps log_w [..., K] to [...]."
        )
    return estimate.unsqueeze(-1)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Many small operations on one thread: to wake the others for each costs more than the work itself."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
