"""What each point's weights say when all its replicates are pooled: k-hat, and c2 and c3 with errors.

Chunks of replicates are added up (power sums, and the largest weights so far), so the figures do not
depend on how the draws were cut.
"""

from __future__ import annotations

from math import comb

import numpy as np
import torch
from torch import Tensor

from benchmarks.draws import Chunk
from estimators.diagnostics.pareto import khat_of_tail, tail_size
from estimators.reducers.power_sums import power_sums

FEWEST_DRAWS_FOR_KHAT = 1000
_POWERS = 6  # the error of c3 needs the sixth moment
_VALUES_AT_ONCE = 1 << 16  # what stays in a processor's cache


class PooledWeights:
    """Filled chunk by chunk; khat [B] and moments [4, B] (c2, its error, c3, its error) at the end.

    ``reference`` [B], log p(x) where known, only sets the unit in which weights are summed.
    """

    def __init__(self, points: int, replicates: int, reference: np.ndarray) -> None:
        self.khat = np.full(points, np.nan)
        self.moments = np.full((4, points), np.nan)
        self._replicates = replicates
        self._reference = reference
        self._sums = torch.empty(0)
        self._unit = torch.empty(0)
        self._tail = torch.empty(0)

    def add(self, chunk: Chunk) -> None:
        """The next chunk; those of the same points follow each other, replicates in order."""
        log_w = chunk.log_w.flatten(1)
        columns = slice(chunk.first_point, chunk.first_point + len(log_w))
        total = self._replicates * chunk.log_w.shape[-1]
        if chunk.first_replicate == 0:
            self._start(log_w, columns)
        for part in torch.split(log_w, max(1, _VALUES_AT_ONCE // len(log_w)), dim=-1):
            self._sums += power_sums((part - self._unit).exp_().sub_(1), _POWERS).T
        if total >= FEWEST_DRAWS_FOR_KHAT:
            most = tail_size(total) + 1
            new = log_w.topk(min(most, log_w.shape[-1]), dim=-1).values
            tail = torch.cat([self._tail, new], -1)
            self._tail = tail.topk(min(most, tail.shape[-1]), dim=-1).values
        if chunk.first_replicate + chunk.log_w.shape[1] == self._replicates:
            self._finish(columns, total)

    def _start(self, log_w: Tensor, columns: slice) -> None:
        known = torch.as_tensor(self._reference[columns], dtype=log_w.dtype, device=log_w.device)
        mean = torch.logsumexp(log_w, -1) - np.log(log_w.shape[-1])
        self._unit = torch.where(known.isfinite(), known, mean)[:, None]
        self._sums = log_w.new_zeros(_POWERS, len(log_w))
        self._tail = log_w[:, :0]

    def _finish(self, columns: slice, total: int) -> None:
        self.moments[:, columns] = relative_moments((self._sums / total).cpu().numpy(), total)
        if total >= FEWEST_DRAWS_FOR_KHAT:
            self.khat[columns] = khat_of_tail(self._tail).cpu().numpy()


def relative_moments(raw: np.ndarray, n: int) -> np.ndarray:
    """c_i = mean (w - wbar)^i / wbar^i for i = 2, 3 with standard errors: [4, B] as (c2, se, c3, se).

    ``raw`` [6, B]: mean (w/unit - 1)^j for j = 1..6, over n draws. The errors come from the influence
    functions of the two ratios, (w/p - 1)^2 - c2 - 2 c2 (w/p - 1) and its like, and suppose that the
    moments they need (the fourth and the sixth) exist. Weights that are all zero give NaN.
    """
    with np.errstate(all="ignore"):
        mean = 1 + raw[0]
        about = [np.ones_like(mean), *raw]
        c = [sum(comb(j, i) * about[i] * (-raw[0]) ** (j - i) for i in range(j + 1)) for j in range(7)]
        c2, c3, c4, c6 = (c[j] / mean**j for j in (2, 3, 4, 6))
        slope = 3 * (c2 + c3)
        of_c2 = c4 - c2**2 - 4 * c2 * c3 + 4 * c2**3
        of_c3 = c6 - c3**2 - 2 * slope * c4 + slope**2 * c2
        return np.stack([c2, np.sqrt(of_c2.clip(0) / n), c3, np.sqrt(of_c3.clip(0) / n)])
