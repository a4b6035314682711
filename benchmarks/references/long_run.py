"""A reference by independent long runs of adaptive importance sampling; their spread is its error."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.data_points import named
from benchmarks.references import cache
from benchmarks.references.names import name_of
from benchmarks.references.width import width
from estimators.counted import Counted
from estimators.diagnostics import pareto_k
from estimators.noise_space import NoiseSpace
from estimators.samplers.adaptive import Adaptive
from models.base import Model
from models.randomness import KeyedReplicates, keyed_generator

BYTES = 256 * 2**20  # of the tensors of a few data points
WIDTHS = 8  # numbers held a latent and evaluation while the sampler fits its proposals
LIMITS = (  # of k-hat
    (0.5, "the standard error may be too small"),
    (0.7, "the reference itself may be low"),
)
SAMPLER = Adaptive()


@dataclass(frozen=True)
class LongRun:
    """log of the mean of ``runs`` independent estimates of p(x), each unbiased, from ``samples`` evaluations.

    Its standard error is the relative one of that mean. It is low, like every estimate by importance
    sampling, where the tail of the weights is too heavy: k-hat of all weights says so. What no draw met,
    k-hat cannot tell; so the first round is ``width`` wide.
    """

    runs: int = 8
    samples: int = 16384

    def estimate(self, model: Model, x: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log p(x), its standard error, k-hat: each [B]. Kept on disk where the model can be known again.

        Point i depends on nothing but the model and x_i.
        """
        method = {"sampler": repr(SAMPLER), **asdict(self), "dtype": str(x.dtype), "device": x.device.type}
        kept = cache.Kept.of(model, x, method)
        names = [name_of(row) for row in x]
        at_once = max(1, BYTES // (self.runs * self.samples * WIDTHS * x.element_size() * _latents(model, x)))

        def measure(some: list[int]) -> np.ndarray:
            with named(some, self.runs):
                return self._measure(model, x[some], [names[i] for i in some])

        values = kept.completed(names, at_once, measure)
        return values[:, 0], values[:, 1], values[:, 2]

    def _measure(self, model: Model, x: Tensor, names: list[str]) -> np.ndarray:
        """[b, 4] of a few data points: log p(x), its standard error, k-hat, evaluations."""
        generators = tuple(keyed_generator(("reference", self.samples, name), x.device) for name in names)
        keys = KeyedReplicates(generators, self.runs, self.runs)
        rows = x.repeat_interleave(self.runs, 0)
        with torch.no_grad():
            space = NoiseSpace(Counted(model), rows)
            plan = SAMPLER.plan(space, self.samples).widened(width(space.dimension))
            log_w = SAMPLER.weights(plan, keys).log_w
        # Some of the evaluations went into finding the mode: there are fewer weights than samples.
        by_run = log_w.logsumexp(-1).view(len(x), self.runs) - np.log(log_w.shape[-1])
        log_mean = by_run.logsumexp(-1) - np.log(self.runs)
        relative = (by_run - log_mean[:, None]).exp().std(-1) / np.sqrt(self.runs)
        khat = pareto_k(log_w.view(len(x), -1))
        evaluations = torch.full_like(log_mean, float(self.runs * self.samples))
        return torch.stack([log_mean, relative, khat, evaluations], -1).cpu().numpy()

    def sentence(self, stderr: np.ndarray, khat: np.ndarray) -> str:
        """What a report says of it."""
        heavy = [(limit, int((khat > limit).sum()), says) for limit, says in LIMITS]
        warning = "".join(
            f"; k-hat above {a} at {n} of {len(khat)} points, where {says}" for a, n, says in heavy if n
        )
        return (
            f"adaptive importance sampling, {self.runs} runs of {self.samples} evaluations a point: standard "
            f"error {np.median(stderr):.2g} nats (median), {stderr.max():.2g} (largest), k-hat "
            f"{np.median(khat):.2f} (median){warning}"
        )


def applicable(model: Model, x: Tensor) -> bool:
    """Whether the proposal is a bijection of N(0, I), which the sampler needs."""
    return bool(getattr(model.proposal(x[:1]), "bijective", False))


def _latents(model: Model, x: Tensor) -> int:
    noise = model.proposal(x[:1]).noise(1, torch.Generator(x.device))
    return int(noise.shape[-1])
