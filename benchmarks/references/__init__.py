"""The truth that errors are measured against: the model's own or, where it has none, one from many draws."""

from evidence_bench.benchmarks.references.annealed import AnnealedRun
from evidence_bench.benchmarks.references.long_run import LongRun
from evidence_bench.benchmarks.references.reference import Reference, exact, reference_of, unknown
from evidence_bench.benchmarks.references.sandwich import Sandwich

__all__ = ["AnnealedRun", "LongRun", "Reference", "Sandwich", "exact", "reference_of", "unknown"]
