"""The truth that errors are measured against: the model's own or, where it has none, that of long runs."""

from benchmarks.references.long_run import LongRun
from benchmarks.references.reference import Reference, exact, reference_of, unknown

__all__ = ["LongRun", "Reference", "exact", "reference_of", "unknown"]
