"""What each point's weights say when its replicates are pooled: k-hat, and c2 and c3 with errors.

Chunks of replicates are added up (power sums, and the largest weights so far), so the figures do not
depend on how the draws were cut. Each half of the replicates is pooled by itself too: what is decided for
one half by the weights of the other does not know its errors.
"""

from __future__ import annotations

from copy import copy

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.measuring.centred_sums import CentredSums
from evidence_bench.benchmarks.measuring.draws import Chunk
from evidence_bench.benchmarks.statistics.moments import halves
from evidence_bench.estimators.diagnostics.pareto import khat_of_tail, tail_size

FEWEST_DRAWS_FOR_KHAT = 1000  # of all replicates; half as many of a half


class PooledWeights:
    """Filled chunk by chunk; khat [B] and moments [4, B] (c2, its error, c3, its error) at the end.

    ``c2_halves`` and ``khat_halves`` [2, B] are those of the first R // 2 replicates and of the others; NaN
    for a single replicate.
    """

    def __init__(self, points: int, replicates: int) -> None:
        self.khat = np.full(points, np.nan)
        self.moments = np.full((4, points), np.nan)
        self.c2_halves, self.khat_halves = np.full((2, points), np.nan), np.full((2, points), np.nan)
        self._replicates = replicates
        self._halves: dict[int, _Draws] = {}

    def add(self, chunk: Chunk) -> None:
        """The next chunk; those of the same points follow each other, replicates in order."""
        points, replicates, k = chunk.log_w.shape
        if chunk.first_replicate == 0:
            self._halves = {}
        cut = min(max(halves(self._replicates)[0] - chunk.first_replicate, 0), replicates)
        for i, log_w in enumerate((chunk.log_w[:, :cut].flatten(1), chunk.log_w[:, cut:].flatten(1))):
            if log_w.shape[-1] and i in self._halves:
                self._halves[i].add(log_w)
            elif log_w.shape[-1]:
                self._halves[i] = _Draws(log_w, self._replicates * k)
        if chunk.first_replicate + replicates == self._replicates:
            self._finish(slice(chunk.first_point, chunk.first_point + points))

    def _finish(self, columns: slice) -> None:
        whole = self._halves[1]
        if 0 in self._halves:
            whole = self._halves[0].and_also(whole)
            for i, half in self._halves.items():
                self.c2_halves[i, columns] = half.sums.moments()[0]
                self.khat_halves[i, columns] = half.khat(FEWEST_DRAWS_FOR_KHAT // 2)
        self.moments[:, columns] = whole.sums.moments()
        self.khat[columns] = whole.khat(FEWEST_DRAWS_FOR_KHAT)


class _Draws:
    """Some of the ``total`` draws of each point: their sums, and the largest ones."""

    def __init__(self, log_w: Tensor, total: int) -> None:
        self.sums = CentredSums(log_w)
        self._most = tail_size(total) + 1 if total >= FEWEST_DRAWS_FOR_KHAT else 0
        self._tail = self._largest(log_w)
        self._count = log_w.shape[-1]

    def add(self, log_w: Tensor) -> None:
        """More weights [rows, n] of the same points."""
        self.sums.add(log_w)
        self._tail = self._largest(torch.cat([self._tail, self._largest(log_w)], -1))
        self._count += log_w.shape[-1]

    def and_also(self, other: _Draws) -> _Draws:
        """The draws of both."""
        both = copy(self)
        both.sums = self.sums.and_also(other.sums)
        both._tail = self._largest(torch.cat([self._tail, other._tail], -1))
        both._count = self._count + other._count
        return both

    def khat(self, fewest: int) -> np.ndarray | float:
        """k-hat [rows]; NaN below so many draws."""
        if not self._most or self._count < fewest:
            return np.nan
        return np.asarray(khat_of_tail(self._tail[..., : tail_size(self._count) + 1]).cpu().numpy())

    def _largest(self, log_w: Tensor) -> Tensor:
        return log_w.topk(min(self._most, log_w.shape[-1]), dim=-1).values
