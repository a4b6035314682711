"""A model whose parts are handed copies, to see what they write into, and whose evaluations are counted."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.looking.seen import unchanged
from evidence_bench.models.base import Proposal
from evidence_bench.models.errors import BadModel
from evidence_bench.models.offers import kind_of, log_joint_of, prior_of, proposal_of

LONGEST = 100  # letters of what an error says


class Watched:
    """The model under the name it is measured by; every call gets copies of its own."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self.model = model
        self.evaluations = 0

    def proposal(self, x: Tensor) -> Proposal:
        """q(z|x); BadModel where it writes into x."""
        return self._asked(proposal_of, "proposal(x)", x)

    def prior(self, x: Tensor) -> Proposal:
        """p(z), likewise."""
        return self._asked(prior_of, "prior(x)", x)

    def _asked(self, part: Any, called: str, x: Tensor) -> Proposal:
        copy = x.clone()
        proposal: Proposal = part(self.model, copy)
        self._require_unchanged(x, copy, called, "x")
        return proposal

    def draw(self, proposal: Proposal, e: Tensor, part: str = "proposal") -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]); BadModel for other shapes or types, or where e is written into."""
        copy = e.clone()
        drawn: Any = proposal.draw(copy)
        self._require_unchanged(e, copy, f"draw(e) of the {part}", "e")
        if not (isinstance(drawn, tuple) and len(drawn) == 2 and all(isinstance(d, Tensor) for d in drawn)):
            raise BadModel(
                f"draw(e) of the {part} of '{self.name}' returned {kind_of(drawn)}; it must return tensors: "
                "z [B, K, L] and its log density [B, K]."
            )
        z, log_q = drawn
        if z.shape[:2] != e.shape[:2] or log_q.shape != e.shape[:2]:
            raise BadModel(
                f"draw(e) of the {part} of '{self.name}' returned z of shape {tuple(z.shape)} and log "
                f"densities of shape {tuple(log_q.shape)} for noise of shape {tuple(e.shape)}; they must be "
                "[B, K, L] and [B, K]: sum the density over the last axis (.sum(-1))."
            )
        self._require_real(log_q, f"draw(e) of the {part}")
        return z, log_q

    def noise(self, proposal: Proposal, k: int, generator: Any, rows: int, part: str = "proposal") -> Tensor:
        """e [B, K, D]; BadModel for another shape."""
        try:
            e: Any = proposal.noise(k, generator)
        except (TypeError, ValueError) as error:
            raise BadModel(
                f"noise({k}, generator) of the {part} of '{self.name}' raised {first_line(error)}; let it "
                "have a row of parameters for each data point, and draw by "
                "evidence_bench.models.randomness.standard_normal(generator, rows, k, d, dtype, device) or "
                "its like."
            ) from error
        if not isinstance(e, Tensor) or e.shape[:2] != (rows, k):
            what = f"shape {tuple(e.shape)}" if isinstance(e, Tensor) else kind_of(e)
            raise BadModel(
                f"noise({k}, generator) of the {part} of '{self.name}' returned {what}; for {rows} data "
                f"points it must return [{rows}, {k}, D]."
            )
        return e

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) [B, K]; BadModel where it writes into x or z, or is no real floating-point number."""
        of_x, of_z = x.clone(), z.clone()
        log_p = log_joint_of(self.model, of_x, of_z)
        self.evaluations += log_p.numel()
        self._require_unchanged(x, of_x, "log_joint(x, z)", "x")
        self._require_unchanged(z, of_z, "log_joint(x, z)", "z")
        self._require_real(log_p, "log_joint(x, z)")
        return log_p

    def _require_unchanged(self, before: Tensor, after: Tensor, called: str, which: str) -> None:
        if not unchanged(before, after):
            raise BadModel(
                f"{called} of '{self.name}' writes into {which}: other estimators and replicates would be "
                f"measured on what it leaves there; let it work on {which}.clone(), or without functions "
                f"whose name ends in _ and {which}[...] = value."
            )

    def _require_real(self, value: Tensor, called: str) -> None:
        if value.dtype not in (torch.float32, torch.float64):
            raise BadModel(
                f"{called} of '{self.name}' returns log densities of type {value.dtype}; return "
                "torch.float32 or float64: sums in half precision are off by nats."
            )


def first_line(error: Exception) -> str:
    """An error by its class and the start of what it says."""
    said = (str(error).splitlines() or [""])[0][:LONGEST].rstrip(".")
    return f"{type(error).__name__}: {said}"
