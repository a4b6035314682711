"""Draws from the model's own proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Identity, LogWeights
from evidence_bench.estimators.samplers.weights import log_weights
from evidence_bench.models.base import Model
from evidence_bench.models.randomness import Generator


@dataclass(frozen=True)
class FromProposal:
    """log_w = log p(x, z_k) - log q(z_k|x), z_k ~ q(z|x) for k = 1..K.

    log_w [B, K] in nats, differentiable where the model and its proposal are. Cost: K evaluations a row.
    Raises BadWeights. Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """

    iid: ClassVar[bool] = True
    identity: ClassVar[Identity] = Identity.EVIDENCE
    exact_if_proposal_exact: ClassVar[bool] = True
    breaks: ClassVar[str] = ""
    min_k: ClassVar[int] = 1

    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, k] from k draws for each row of x."""
        proposal = model.proposal(x)
        z, log_q = proposal.draw(proposal.noise(k, generator))
        return log_weights(model.log_joint(x, z).double() - log_q.double())
