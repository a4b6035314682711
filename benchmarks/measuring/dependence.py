"""What the weights of a replicate say of each other: the mean and the variance of its first 64, made bounded.

From these ``statistics/claims.py`` tells whether weights that are declared iid are. Each log weight is taken
as v = w / (w + u), with u the median weight of the point's first replicate, so that no tail of w hides in a
mean or a variance. u is one of the draws' own, so the first replicate itself is left out later.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.measuring.draws import Chunk

LOOKED_AT = 64


class Dependence:
    """Filled chunk by chunk: ``mean`` and ``variance`` [R, B] of the first ``n`` bounded weights."""

    def __init__(self, replicates: int, points: int) -> None:
        self.mean = np.full((replicates, points), np.nan)
        self.variance = np.full((replicates, points), np.nan)
        self.n = 0
        self._unit = torch.empty(0)

    def add(self, chunk: Chunk) -> None:
        """The next chunk; those of the same points follow each other, replicates in order."""
        log_w = chunk.log_w[:, :, :LOOKED_AT]
        points, replicates, self.n = log_w.shape
        if self.n < 2:
            return
        if chunk.first_replicate == 0:
            self._unit = _median(log_w[:, 0])[:, None, None]
        variance, mean = torch.var_mean(torch.sigmoid(log_w - self._unit), dim=-1)
        at = (
            slice(chunk.first_replicate, chunk.first_replicate + replicates),
            slice(chunk.first_point, chunk.first_point + points),
        )
        self.mean[at], self.variance[at] = mean.T.cpu().numpy(), variance.T.cpu().numpy()


def _median(log_w: Tensor) -> Tensor:
    """Of the weights [b, n] that are not zero, [b]; 0 nats where all are."""
    finite = torch.where(log_w.isfinite(), log_w, torch.nan)
    return finite.nanmedian(dim=-1).values.nan_to_num()
