"""Every mutant, by what it is planted in."""

from tests.mutants.planted.measurement import MEASUREMENT
from tests.mutants.planted.reducers import REDUCERS
from tests.mutants.planted.requests import REQUESTS
from tests.mutants.planted.samplers import SAMPLERS
from tests.mutants.planted.statistics import STATISTICS

MUTANTS = (*MEASUREMENT, *REDUCERS, *REQUESTS, *SAMPLERS, *STATISTICS)

__all__ = ["MUTANTS"]
