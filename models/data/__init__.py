"""Real images to train and measure on: where they are found, how they are checked, split and made binary."""

from evidence_bench.models.data.catalogue import describe, load, names
from evidence_bench.models.data.facts import Facts, require_comparable
from evidence_bench.models.data.splits import DataSet, Split

__all__ = ["DataSet", "Facts", "Split", "describe", "load", "names", "require_comparable"]
