"""The code of most papers' repositories: torch.distributions, one call for all samples."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Distribution, Normal

from evidence_bench.benchmarks.throughput.contender import Kind, Replay
from evidence_bench.benchmarks.throughput.subject import Subject
from evidence_bench.models.vaes.vae import VAE

LARGEST_LOGITS = 2**30  # bytes; beyond it "all samples at once" is cut into parts, as anyone would have to
PARTS = (10, 25, 50, 100, 250)


@dataclass(frozen=True)
class Drawn:
    """z of each layer [K, B, L_i] and log q(z|x) [K, B]."""

    layers: list[Tensor]
    log_q: Tensor


def draw(network: VAE, x: Tensor, k: int) -> Drawn:
    """z_1 ~ q(z_1|x), z_2 ~ q(z_2|z_1), ..."""
    first, *others = network.encoder.layers  # type: ignore[misc]
    mean, log_sd = first(x)
    q = Normal(mean, log_sd.exp(), validate_args=False)
    layers = [q.rsample((k,))]
    log_q = _log_prob(q, layers[0])
    for layer in others:
        mean, log_sd = layer(layers[-1])
        q = Normal(mean, log_sd.exp(), validate_args=False)
        layers.append(q.rsample())
        log_q = log_q + _log_prob(q, layers[-1])
    return Drawn(layers, log_q)


def log_joint(network: VAE, x: Tensor, layers: list[Tensor]) -> Tensor:
    """log p(x, z) [K, B] for z_i [K, B, L_i]."""
    top = layers[-1]
    zero = torch.zeros((), dtype=top.dtype, device=top.device)
    total = _log_prob(Normal(zero, zero + 1, validate_args=False), top)
    for below, above, upper in zip(layers, layers[1:], network.upper, strict=False):
        mean, log_sd = upper(above)
        total = total + _log_prob(Normal(mean, log_sd.exp(), validate_args=False), below)
    pixels = Bernoulli(logits=network.decoder(layers[0]), validate_args=False)
    return total + _log_prob(pixels, x)


def _log_prob(distribution: Distribution, value: Tensor) -> Tensor:
    """Summed over the last axis."""
    total: Tensor = distribution.log_prob(value).sum(-1)
    return total


class Textbook:
    """log p(x, z) - log q(z|x) in parts of ``part`` samples; 0: all at once, if their logits fit 1 GiB."""

    def __init__(self, subject: Subject, part: int = 0) -> None:
        self.subject = subject
        bytes_a_sample = 4 * subject.x.numel()
        self.part = part or min(subject.samples, max(1, LARGEST_LOGITS // bytes_a_sample))

    def run(self) -> Tensor:
        """log_w [B, K]."""
        k = self.subject.samples
        parts = [self._part(min(self.part, k - start))[0] for start in range(0, k, self.part)]
        return torch.cat(parts).T if len(parts) > 1 else parts[0].T

    def replay(self, samples: int) -> Replay:
        """The same with its z."""
        log_w, drawn = self._part(samples)
        return Replay(log_w.T, torch.cat(drawn.layers, -1).transpose(0, 1))

    def _part(self, k: int) -> tuple[Tensor, Drawn]:
        drawn = draw(self.subject.network, self.subject.x, k)
        return log_joint(self.subject.network, self.subject.x, drawn.layers) - drawn.log_q, drawn


def in_parts(subject: Subject) -> tuple[int, ...]:
    """The sizes of a part that are tried."""
    return tuple(part for part in PARTS if part <= subject.samples) or (subject.samples,)


def few_samples(subject: Subject) -> Subject:
    """At most 500 samples: enough to choose the size of a part."""
    return subject.sized(len(subject.x), min(subject.samples, 500))


TEXTBOOK = Kind(
    name="textbook",
    about="torch.distributions: Normal.rsample and Bernoulli(logits).log_prob, all samples at once",
    role="textbook",
    make=lambda subject, size: Textbook(subject),
)
TEXTBOOK_PARTS = Kind(
    name="textbook-parts",
    about="the same code called in parts of samples, the fastest of several sizes",
    role="textbook",
    make=Textbook,
    sizes=in_parts,
    trial=few_samples,
    headline=False,
)
