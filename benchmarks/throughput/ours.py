"""This project's own log weights, by the path that the bench takes."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from benchmarks.throughput.contender import Kind, NotHere, Replay
from benchmarks.throughput.subject import Subject
from estimators.samplers.proposal import FromProposal
from estimators.streaming import stream_log_weights
from models import softplus
from models.base import Model
from models.randomness import Generator, keyed_generator

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
    """FromProposal on the subject."""

    def __init__(self, subject: Subject, size: int = 0) -> None:
        self.subject = subject
        self.generator = keyed_generator(("speed",), subject.x.device)

    def run(self) -> Tensor:
        """log_w [B, K]."""
        return log_weights(self.subject.model, self.subject.x, self.subject.samples, self.generator)

    def replay(self, samples: int) -> Replay:
        """The same call with the z that it drew, noted on their way."""
        noted: Any = Noted(self.subject.model)
        log_w = log_weights(noted, self.subject.x, samples, self.generator)
        return Replay(log_w, torch.cat(noted.z))


class Compiled(Own):
    """The same where the work is so long that it outlives its compilation."""

    def __init__(self, subject: Subject, size: int = 0) -> None:
        super().__init__(subject)
        pixels = subject.x.shape[-1]
        with softplus.expecting(math.inf):
            choice = softplus.choose(pixels, subject.x.dtype, subject.x.device)
        if not choice.compiled:
            raise NotHere(f"Nothing is compiled here ({choice.reason}).")

    def run(self) -> Tensor:
        """log_w [B, K]."""
        with softplus.expecting(math.inf):
            return super().run()

    def replay(self, samples: int) -> Replay:
        """The same with its z."""
        with softplus.expecting(math.inf):
            return super().replay(samples)


OWN = Kind(
    name="evidence-bench",
    about="this project: log weights of draws from the encoder",
    role="own",
    make=Own,
)
COMPILED = Kind(
    name="evidence-bench-compiled",
    about="the same with the kernel that a study takes when it draws enough to outlive its compilation",
    role="own",
    make=Compiled,
    headline=False,
    own_memory=False,
)
