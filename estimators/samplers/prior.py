"""Draws from the prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Identity, LogWeights
from evidence_bench.estimators.samplers.weights import log_weights
from evidence_bench.models.base import Model
from evidence_bench.models.randomness import Generator


@dataclass(frozen=True)
class FromPrior:
    """log_w = log p(x, z_k) - log p(z_k), z_k ~ p(z) for k = 1..K: the likelihood of draws from the prior.

    log_w [B, K] in nats. Cost: K evaluations a row; the encoder is not run. Raises BadWeights.
    """

    iid: ClassVar[bool] = True
    identity: ClassVar[Identity] = Identity.EVIDENCE
    exact_if_proposal_exact: ClassVar[bool] = False
    breaks: ClassVar[str] = ""
    min_k: ClassVar[int] = 1

    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, k] from k draws for each row of x."""
        prior = model.prior(x)
        z, log_prior = prior.draw(prior.noise(k, generator))
        return log_weights(model.log_joint(x, z).double() - log_prior.double())
