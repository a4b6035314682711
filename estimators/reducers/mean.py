"""The evidence lower bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Bound, Expansion
from evidence_bench.estimators.reducers.prefix_sums import PrefixSums
from evidence_bench.estimators.reducers.weights import checked


@dataclass(frozen=True)
class Mean:
    """(1/K) sum_i log w_i: the ELBO, a lower bound of log p(x) in expectation.

    Takes log_w [..., K] and gives [...], in nats, float64. Its bias, minus KL(q(z|x) | p(z|x)), does
    not vanish with K. Raises BadWeights for NaN and +inf.
    Source: Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014.
    """

    needs_iid: ClassVar[bool] = False
    symmetric: ClassVar[bool] = True
    bound: ClassVar[Bound] = Bound.LOWER
    expansion: ClassVar[Expansion] = Expansion.NONE

    @property
    def bias_order(self) -> int | None:
        return None

    @property
    def moments(self) -> int:
        return 1

    @property
    def min_k(self) -> int:
        return 1

    def __call__(self, log_w: Tensor) -> Tensor:
        log_w, _ = checked(log_w, self.min_k, self)
        return log_w.mean(-1)

    def of_sums(self, sums: PrefixSums) -> Tensor:
        """``__call__`` of the first k weights [..., n], at each k of the sums."""
        return sums.log_sum / sums.k
