"""How many of the weights count."""

from __future__ import annotations

from torch import Tensor

from evidence_bench.estimators.reducers.prefix_sums import PrefixSums, prefix_sums


def effective_sample_size(log_w: Tensor) -> Tensor:
    """(sum w)^2 / sum w^2, [..., K] -> [...], float64, between 1 and K; 0 where all weights are zero.

    A row of zeros is 0/0 by the formula; none of its weights counts, so a mean over rows takes it for 0.
    Raises BadWeights for NaN and +inf. Source: Kong, Liu and Wong, JASA 1994.
    """
    return effective_sample_sizes(prefix_sums(log_w, reducer="effective_sample_size")).squeeze(-1)


def largest_weight_share(log_w: Tensor) -> Tensor:
    """max w / sum w, [..., K] -> [...], float64, between 1/K and 1; NaN where all weights are zero.

    Raises BadWeights for NaN and +inf.
    """
    return largest_weight_shares(prefix_sums(log_w, reducer="largest_weight_share")).squeeze(-1)


def effective_sample_sizes(sums: PrefixSums) -> Tensor:
    """``effective_sample_size`` [..., n] of the first k weights, at each k of the sums."""
    return sums.total.square() / sums.squares.masked_fill(sums.squares == 0, 1.0)


def largest_weight_shares(sums: PrefixSums) -> Tensor:
    """``largest_weight_share`` [..., n] of the first k weights, at each k of the sums."""
    return (sums.total > 0).to(sums.total.dtype) / sums.total  # the largest weight is their unit
