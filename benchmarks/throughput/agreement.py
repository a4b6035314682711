"""Whether a contender computes what ours does, at the very latents that it drew, and how exact ours is."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor

from evidence_bench.benchmarks.throughput import textbook
from evidence_bench.benchmarks.throughput.contender import Contender, Replay
from evidence_bench.benchmarks.throughput.subject import Subject
from evidence_bench.models.errors import BenchError
from evidence_bench.models.networks import softplus
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.vaes.vae import VAE

# float32 leaves about 1e-3 nats in a log weight of some hundreds; a left-out constant is hundreds of times
# more: log(2 pi)/2 for each latent, or log 2 for each pixel.
TOLERANCE = 0.01
SAMPLES = 50


class Disagreement(BenchError):
    """A contender whose numbers are not those of the model."""


def difference(contender: Contender, subject: Subject) -> float | None:
    """Largest distance in nats from our float64 log weights at the same z; None without log weights."""
    with torch.random.fork_rng([subject.x.device] if subject.x.device.type == "cuda" else []):
        torch.manual_seed(0)
        replay = contender.replay(SAMPLES)
    if replay is None:
        return None
    return float((replay.values.double() - _expected(replay, subject)).abs().max())


def check(name: str, contender: Contender, subject: Subject) -> float | None:
    """``difference``; Disagreement where it is above the tolerance or no number."""
    found = difference(contender, subject)
    if found is not None and not found <= TOLERANCE:
        raise Disagreement(
            f"'{name}' differs by {found:.3g} nats from this project's float64 log weights of {subject.name} "
            f"at the same latents ({TOLERANCE:g} is allowed), so its time means nothing; "
            "use the versions of the peers that provenance.json of an earlier run names, or report it."
        )
    return found


def accuracy(subject: Subject, samples: int = 200) -> float:
    """Largest |log p(x,z) in float32 - in float64 by torch.distributions| in nats, z from the encoder."""
    generator = keyed_generator(("speed", "accuracy"), subject.x.device)
    proposal = subject.model.proposal(subject.x)
    z, _ = proposal.draw(proposal.noise(samples, generator))
    layers = torch.split(z.double().transpose(0, 1), list(subject.network.widths), dim=-1)
    exact = textbook.log_joint(_doubled(subject), subject.x.double(), list(layers)).T
    with softplus.expecting(math.inf):  # the form whose time comes first
        found = subject.model.log_joint(subject.x, z)
    return float((found.double() - exact).abs().max())


def _expected(replay: Replay, subject: Subject) -> Tensor:
    """log p(x,z) - log q(z|x) in float64 at z [B, K, L], or the log of its mean where [B] is asked for."""
    network, x, z = _doubled(subject), subject.x.double(), replay.z.double()
    log_q: Tensor = network.proposal(x).log_prob(z)  # type: ignore[attr-defined]
    log_w = network.log_joint(x, z) - log_q
    if replay.values.ndim == 2:
        return log_w
    return torch.logsumexp(log_w, -1) - math.log(log_w.shape[-1])


def _doubled(subject: Subject) -> VAE:
    """A copy of the network in float64."""

    doubled: VAE = copy.deepcopy(subject.network).double()
    return doubled
