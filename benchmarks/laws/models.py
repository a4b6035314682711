"""Every law of a model, in the order in which they are told."""

from __future__ import annotations

from evidence_bench.benchmarks.laws import model_data, model_evidence, model_proposal
from evidence_bench.benchmarks.laws.law import Law
from evidence_bench.benchmarks.laws.model_curvature import CURVATURE
from evidence_bench.benchmarks.laws.model_look import LOOK
from evidence_bench.benchmarks.laws.model_subject import ModelSubject

MODEL_LAWS: tuple[Law[ModelSubject], ...] = (
    LOOK,
    *model_data.LAWS,
    *model_proposal.LAWS,
    *model_evidence.LAWS,
    CURVATURE,
)
