"""This project's own log weights, by the path that the bench takes."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.throughput.contender import Kind, Replay
from evidence_bench.benchmarks.throughput.subject import Subject
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.estimators.streaming import stream_log_weights
from evidence_bench.models.base import Model
from evidence_bench.models.networks import softplus
from evidence_bench.models.randomness import Generator, keyed_generator

MEMORY = 256 * 2**20  # bytes, the bench's own default


def log_weights(model: Model, x: Tensor, k: int, generator: Generator) -> Tensor:
    """log_w [B, K], float64: what an estimate of the bench starts from."""
    return torch.cat(list(stream_log_weights(FromProposal(), model, x, k, generator, MEMORY)))


class Noted:
    """A model that notes every z that its proposal draws."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.z: list[Tensor] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def proposal(self, x: Tensor) -> NotedProposal:
        """The model's own, noted."""
        return NotedProposal(self.model.proposal(x), self.z)


class NotedProposal:
    """A proposal whose draws are noted in ``z``."""

    def __init__(self, proposal: Any, z: list[Tensor]) -> None:
        self.proposal, self.z = proposal, z

    def __getattr__(self, name: str) -> Any:
        return getattr(self.proposal, name)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z, log q), noted."""
        z, log_q = self.proposal.draw(e)
        self.z.append(z)
        return z, log_q


class Own:
    """FromProposal on the subject, in the form that so many ``evaluations`` take."""

    def __init__(self, subject: Subject, evaluations: float) -> None:
        self.subject, self.evaluations = subject, evaluations
        self.generator = keyed_generator(("speed",), subject.x.device)

    def run(self) -> Tensor:
        """log_w [B, K]."""
        one = self.subject
        with softplus.expecting(self.evaluations):
            return log_weights(one.model, one.x, one.samples, self.generator)

    def replay(self, samples: int) -> Replay:
        """The same call with the z that it drew, noted on their way."""
        noted: Any = Noted(self.subject.model)
        with softplus.expecting(self.evaluations):
            log_w = log_weights(noted, self.subject.x, samples, self.generator)
        return Replay(log_w, torch.cat(noted.z))


OWN = Kind(
    name="evidence-bench",
    about="this project: log weights of draws from the encoder, as a long study draws them: "
    "compiled where there is a compiler",
    role="own",
    make=lambda subject, size: Own(subject, math.inf),
    own_memory=False,
)
EAGER = Kind(
    name="evidence-bench-eager",
    about="the same as a study draws them that would not outlive a compilation",
    role="own",
    make=lambda subject, size: Own(subject, 0.0),
    headline=False,
)
