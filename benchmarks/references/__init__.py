"""The truth that errors are measured against: the model's own or, where it has none, one from many draws."""

from benchmarks.references.annealed import AnnealedRun
from benchmarks.references.long_run import LongRun
from benchmarks.references.reference import Reference, exact, reference_of, unknown
from benchmarks.references.sandwich import Sandwich

__all__ = ["AnnealedRun", "LongRun", "Reference", "Sandwich", "exact", "reference_of", "unknown"]
