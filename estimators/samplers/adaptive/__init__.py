"""Adaptive importance sampling with rounds fixed in advance: unbiased for p(x)."""

from evidence_bench.estimators.samplers.adaptive.sampler import Adaptive

__all__ = ["Adaptive"]
