"""Diagnostics: what the weights themselves say of an estimate's reliability."""

from evidence_bench.estimators.diagnostics.ess import (
    effective_sample_size,
    effective_sample_sizes,
    largest_weight_share,
    largest_weight_shares,
)
from evidence_bench.estimators.diagnostics.pareto import pareto_k

__all__ = [
    "effective_sample_size",
    "effective_sample_sizes",
    "largest_weight_share",
    "largest_weight_shares",
    "pareto_k",
]
