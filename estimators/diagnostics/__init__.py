"""Diagnostics: what the weights themselves say of an estimate's reliability."""

from estimators.diagnostics.ess import effective_sample_size, largest_weight_share
from estimators.diagnostics.pareto import pareto_k

__all__ = ["effective_sample_size", "largest_weight_share", "pareto_k"]
