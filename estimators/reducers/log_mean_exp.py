"""The importance-weighted bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Bound, Expansion
from evidence_bench.estimators.reducers.prefix_sums import PrefixSums
from evidence_bench.estimators.reducers.weights import centred, log_or_zero_weight


@dataclass(frozen=True)
class LogMeanExp:
    """log((1/K) sum_i w_i): IWAE, a lower bound of log p(x) in expectation with bias -c2/(2K) + O(K^-2).

    Takes log_w [..., K] and gives [...], in nats, float64; -inf for a row of zero weights only. The
    weights need not be independent for the bound. Raises BadWeights for NaN and +inf.
    Source: Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, ICLR 2016.
    """

    needs_iid: ClassVar[bool] = False
    symmetric: ClassVar[bool] = True
    bound: ClassVar[Bound] = Bound.LOWER
    expansion: ClassVar[Expansion] = Expansion.LOG_MEAN

    @property
    def bias_order(self) -> int | None:
        return 1

    @property
    def moments(self) -> int:
        return 2

    @property
    def min_k(self) -> int:
        return 1

    def __call__(self, log_w: Tensor) -> Tensor:
        weights = centred(log_w, self.min_k, self)
        return log_or_zero_weight(weights.log_ratio.exp().mean(-1)) + weights.level

    def of_sums(self, sums: PrefixSums) -> Tensor:
        """``__call__`` of the first k weights [..., n], at each k of the sums."""
        return log_or_zero_weight(sums.total / sums.k) + sums.level
