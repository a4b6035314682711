"""Markov kernels that leave a density as it is, and the choice of their step sizes before they are used."""

from evidence_bench.estimators.kernels.hamiltonian import Point, Tempered, leapfrog, transition
from evidence_bench.estimators.kernels.tuning import Pilot

__all__ = ["Pilot", "Point", "Tempered", "leapfrog", "transition"]
