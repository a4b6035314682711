"""Adaptive importance sampling as a sampler."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from evidence_bench.estimators.base import Identity, LogWeights
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.noise_space.start import Start
from evidence_bench.estimators.samplers.adaptive.rounds import Plan
from evidence_bench.estimators.samplers.adaptive.schedule import Schedule
from evidence_bench.estimators.samplers.adaptive.student import Student
from evidence_bench.estimators.samplers.weights import log_weights
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadOption, NotApplicable
from evidence_bench.models.randomness import Generator

_HEAVIEST_NU, _LIGHTEST_NU = 5.0, 25.0


@dataclass(frozen=True)
class Adaptive:
    """log_w = log target(e) - log q_t(e) + log(alpha_t N / n_t), e of round t from q_t, N draws in all.

    Eleven rounds in noise space, or six (Schedule). q_t is a Student-t fitted to the rounds before, mixed
    with an inflated one at the encoder; a weight's denominator is the density of its own round, and the
    alphas and counts are fixed in advance, so that mean exp(log_w) = sum_t alpha_t Zhat_t averages to p(x).
    Nothing in the rounds waits for the device.

    log_w [B, N] in nats, float64; its first columns are -inf, for the first rounds have alpha 0.
    Cost: exactly k evaluations a row. N = k, less the 4 (L + 4) + 1 of a Gauss-Newton start.

    start: "laplace" (Gauss-Newton, where the model has curvature), "encoder", or "auto": the first where
    the model offers it and it costs at most a quarter of k. nu: degrees of freedom, 0 for D cut to
    [5, 25]. inflation: of the fitted scale matrix. defensive: share at the encoder.

    Raises NotApplicable (k below min_k; "laplace" without curvature), NotBijective, BadOption, BadWeights.
    Source: Cappe et al. 2004 and 2008 (population Monte Carlo); Owen and Zhou 2000 (defensive mixtures).
    """

    iid: ClassVar[bool] = False
    identity: ClassVar[Identity] = Identity.EVIDENCE
    exact_if_proposal_exact: ClassVar[bool] = False
    breaks: ClassVar[str] = ""
    min_k: ClassVar[int] = 200

    start: str = "auto"  # where it begins: encoder, laplace (the mode) or auto
    nu: float = 0.0  # degrees of freedom; 0 for the number of latents, within 5 to 25
    inflation: float = 1.2  # factor on the fitted scale matrix
    defensive: float = 0.1  # share of the draws that stay at the encoder

    def __post_init__(self) -> None:
        Start.check("adaptive", self.start)
        finite = math.isfinite(self.nu) and math.isfinite(self.inflation)
        if not finite or self.nu < 0 or self.inflation <= 0 or not 0 < self.defensive < 1:
            raise BadOption(
                "adaptive: nu is at least 0 (0 chooses it), inflation above 0 and defensive between 0 and 1; "
                f"not nu={self.nu}, inflation={self.inflation}, defensive={self.defensive}."
            )

    @torch.no_grad()
    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, N] from exactly k evaluations for each row of x."""
        if k < self.min_k:
            raise NotApplicable(f"{self!r} needs K of at least {self.min_k}, not {k}; raise K.")
        return self.weights(self.plan(NoiseSpace(model, x), k), generator)

    @staticmethod
    def weights(plan: Plan, generator: Generator) -> LogWeights:
        """log_w [B, N] of a plan."""
        rounds, proposals = plan.run(generator)
        # In u coordinates target and proposal carry the same Jacobian, so it cancels.
        weights = [
            own.log_target - proposal.log_prob(own) + factor
            for own, proposal, factor in zip(rounds, proposals, plan.schedule.log_factors, strict=True)
        ]
        targets = torch.cat([draws.log_target for draws in rounds], dim=1)
        return log_weights(torch.cat(weights, dim=1), suspects=targets)

    def plan(self, space: NoiseSpace, k: int) -> Plan:
        """Everything that is settled before the first draw, the start included."""
        start, d = Start("adaptive", self.start, self.min_k // 2), space.dimension
        whitening, left = start.coordinates(space, k), k - start.cost(space, k)
        at_mode = left < k
        schedule = (
            Schedule.around_mode(left, self.defensive, d) if at_mode else Schedule.of(k, self.defensive)
        )
        # A Student-t of fixed nu strays further from a Gaussian target the more dimensions there are.
        nu = self.nu or min(max(float(d), _HEAVIEST_NU), _LIGHTEST_NU)
        first = Student.standard(len(space.x), d, nu, space.x.device)
        return Plan(space, whitening, schedule, first, self.inflation)
