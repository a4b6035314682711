"""Where a sampler in noise space begins: at the encoder or at the mode, by one rule for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.laplace import laplace_coordinates, laplace_cost
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.models.errors import BadOption, NotApplicable
from evidence_bench.models.offers import is_curved

KINDS = ("auto", "encoder", "laplace")
SHARE = 0.25  # of k, the most that "auto" spends on the start


@dataclass(frozen=True)
class Start:
    """The encoder, "laplace" (the Gaussian at the mode, for models with curvature), or "auto".

    "auto" is the latter where the model offers it, it costs at most a quarter of k, and ``least`` evaluations
    are left: what ``sampler`` needs besides. Raises BadOption for another word, NotApplicable where "laplace"
    cannot be had or leaves too little.
    """

    sampler: str
    kind: str
    least: int

    @staticmethod
    def check(sampler: str, kind: str) -> None:
        """BadOption unless it is one of the three."""
        if kind not in KINDS:
            raise BadOption(f"{sampler}: start is one of {', '.join(KINDS)}, not '{kind}'.")

    def at_mode(self, space: NoiseSpace, k: int) -> bool:
        """Whether it is the mode that k evaluations begin at."""
        curved, cost = is_curved(space.model), laplace_cost(space.dimension)
        if self.kind != "laplace":
            return self.kind == "auto" and curved and cost <= SHARE * k and k - cost >= self.least
        if not curved:
            raise NotApplicable(
                f"{self.sampler}[start=laplace] needs a model with curvature (gauss_newton), which this one "
                "does not offer; use start=encoder or start=auto."
            )
        if k - cost < self.least:
            raise NotApplicable(
                f"{self.sampler}[start=laplace] spends {cost} evaluations on its start in {space.dimension} "
                f"dimensions, which leaves too few of {k}; raise K to {cost + self.least} or more."
            )
        return True

    def cost(self, space: NoiseSpace, k: int) -> int:
        """Evaluations a row that it takes of k."""
        return laplace_cost(space.dimension) if self.at_mode(space, k) else 0

    def coordinates(self, space: NoiseSpace, k: int) -> Whitening:
        """Coordinates whose origin and unit it is."""
        if self.at_mode(space, k):
            return laplace_coordinates(space)
        return Whitening.identity(space.x.shape[0], space.dimension, space.x.device)
