"""IWAE with its first bias term estimated and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Bound, Expansion
from evidence_bench.estimators.reducers.prefix_sums import PrefixSums
from evidence_bench.estimators.reducers.weights import centred, enough, log_or_zero_weight


@dataclass(frozen=True)
class Delta:
    """log(wbar) + s^2 / (2 K wbar^2): DVI, with wbar the mean and s^2 the unbiased variance of the w_i.

    Takes log_w [..., K], K >= 2, and gives [...], in nats, float64; -inf for a row of zero weights only.
    The weights must be iid. Bias -(2 c3/3 - 3 c2^2/4)/K^2 + O(K^-3); no bound. Raises BadWeights for NaN
    and +inf, NotApplicable for K = 1.
    Source: Nowozin, Debiasing Evidence Approximations, ICLR 2018 (delta-method estimator).
    """

    needs_iid: ClassVar[bool] = True
    symmetric: ClassVar[bool] = True
    bound: ClassVar[Bound] = Bound.NONE
    expansion: ClassVar[Expansion] = Expansion.DELTA

    @property
    def bias_order(self) -> int | None:
        return 2

    @property
    def moments(self) -> int:
        return 3

    @property
    def min_k(self) -> int:
        return 2

    def __call__(self, log_w: Tensor) -> Tensor:
        weights = centred(log_w, self.min_k, self)
        k = log_w.shape[-1]
        w = weights.log_ratio.exp()
        mean = w.mean(-1, keepdim=True)
        relative = w / mean.masked_fill(mean == 0, 1.0) - (mean > 0).to(w.dtype)
        correction = relative.square().sum(-1) / (2 * k * (k - 1))
        return log_or_zero_weight(mean.squeeze(-1)) + correction + weights.level

    def of_sums(self, sums: PrefixSums) -> Tensor:
        """``__call__`` of the first k weights [..., n], at each k of the sums.

        s^2/wbar^2 = K/(K-1) (K sum w^2/(sum w)^2 - 1), whose rounding reaches the value divided by 2 K.
        """
        enough(min(sums.ks), self.min_k, self)
        k = sums.k
        total = sums.total.masked_fill(sums.total == 0, 1.0)
        variance = k / (k - 1) * (k * sums.squares / total.square() - (sums.total > 0).to(k.dtype))
        return log_or_zero_weight(sums.total / k) + variance / (2 * k) + sums.level
