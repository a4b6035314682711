"""Every law of a sampler, in the order in which they are told."""

from __future__ import annotations

from evidence_bench.benchmarks.laws import sampler_keys, sampler_weights
from evidence_bench.benchmarks.laws.law import Law
from evidence_bench.benchmarks.laws.model_look import SAMPLER_LOOK
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject

SAMPLER_LAWS: tuple[Law[SamplerSubject], ...] = (
    *sampler_weights.LAWS,
    SAMPLER_LOOK,
    *sampler_keys.LAWS,
)
