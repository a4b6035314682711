"""Draws from an inflated Student-t at the proposal, without adaptation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Identity, LogWeights
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.noise_space.student import log_student, student_noise
from evidence_bench.estimators.samplers.weights import log_weights
from evidence_bench.models.base import Model
from evidence_bench.models.distributions.student_t import require_nu
from evidence_bench.models.errors import BadOption
from evidence_bench.models.randomness import Generator

MOST_INFLATION = 1e12


@dataclass(frozen=True)
class StudentT:
    """log_w = log target(e_k) - log t(e_k; 0, inflation I, nu), e_k ~ t for k = 1..K, in noise space.

    Heavier tails than the encoder's: c2 is finite where a light-tailed encoder's is not. log_w [B, K] in
    nats. Cost: K evaluations a row. Raises BadOption, NotBijective, BadWeights.
    """

    iid: ClassVar[bool] = True
    identity: ClassVar[Identity] = Identity.EVIDENCE
    exact_if_proposal_exact: ClassVar[bool] = False
    breaks: ClassVar[str] = ""
    min_k: ClassVar[int] = 1

    nu: float = 5.0  # degrees of freedom; fewer make heavier tails
    inflation: float = 1.2  # factor on the scale matrix of the proposal

    def __post_init__(self) -> None:
        finite = math.isfinite(self.nu) and math.isfinite(self.inflation)
        if not finite or self.nu <= 0 or self.inflation <= 0:
            raise BadOption(
                f"student-t: nu and inflation are finite and above 0, "
                f"not nu={self.nu}, inflation={self.inflation}."
            )
        require_nu("student-t", self.nu)
        if not 1 / MOST_INFLATION <= self.inflation <= MOST_INFLATION:
            raise BadOption(
                f"student-t: inflation lies between {1 / MOST_INFLATION:g} and {MOST_INFLATION:g}, "
                f"not {self.inflation}."
            )

    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, k] from k draws for each row of x."""
        space = NoiseSpace(model, x)
        noise = student_noise(space.proposal.noise(k, generator), self.nu, generator)
        log_target, length = space.target_and_length(math.sqrt(self.inflation) * noise)
        d = space.dimension
        log_t = log_student(length / self.inflation, d, self.nu) - 0.5 * d * math.log(self.inflation)
        return log_weights(log_target - log_t)
