"""References by annealed chains: forwards for any data, backwards where the latents of x are known."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.data_points import named
from benchmarks.references import cache
from benchmarks.references.estimates import Estimates
from benchmarks.references.long_run import name_of
from estimators.counted import Counted
from estimators.noise_space import NoiseSpace
from estimators.samplers.annealed import PILOT, Annealed
from models.base import Model
from models.randomness import KeyedReplicates, keyed_generator

ROWS = 256  # groups in one go


@dataclass(frozen=True)
class AnnealedRun:
    """log of the mean weight of ``groups`` x ``chains`` annealed chains of ``steps`` temperatures.

    A group has step sizes of its own, so groups are independent; the spread between them is the standard
    error, relative to the mean. A lower bound in expectation forwards. Backwards, from latents that x was
    simulated from, -log of the mean reciprocal weight: an upper bound in expectation over (x, z); there all
    groups of a point share their start, and the error is that given the start.
    """

    groups: int = 8
    chains: int = 2
    steps: int = 1000
    leapfrogs: int = 4

    def estimate(self, model: Model, x: Tensor, z: Tensor | None = None) -> Estimates:
        """Of x [B, ...], backwards from z [B, L] where given. Kept where the model can be known again.

        Point i depends on nothing but the model, x_i and z_i.
        """
        kept = cache.Kept.of(model, x, self._method(x, z is not None))
        names = [name_of(row) for row in x]
        if z is not None:
            names = [_both(name, latents) for name, latents in zip(names, z, strict=True)]

        def measure(some: list[int]) -> np.ndarray:
            with named(some, self.groups):
                return self._measure(model, x[some], [names[i] for i in some], None if z is None else z[some])

        values = kept.completed(names, max(1, ROWS // self.groups), measure)
        degrees = np.full(len(x), self.groups - 1.0)
        return Estimates(values[:, 0], values[:, 1], degrees, float(values[:, 2].mean()))

    def _method(self, x: Tensor, backward: bool) -> dict[str, object]:
        told = {"pilot": repr(PILOT), "dtype": str(x.dtype), "device": x.device.type, "backward": backward}
        return {"sampler": repr(self._sampler), **asdict(self), **told}

    @property
    def _sampler(self) -> Annealed:
        return Annealed(self.steps, self.leapfrogs)

    def _measure(self, model: Model, x: Tensor, names: list[str], z: Tensor | None) -> np.ndarray:
        """[b, 3] of a few data points: log p(x), its standard error, evaluations."""
        direction = "forward" if z is None else "backward"
        generators = tuple(keyed_generator(("annealed", direction, name), x.device) for name in names)
        keys = KeyedReplicates(generators, self.groups, self.groups)
        rows, counted = x.repeat_interleave(self.groups, 0), Counted(model)
        k = self._sampler.cost(NoiseSpace(counted, x[:1]), self.chains)
        if z is None:
            log_w = self._sampler(counted, rows, k, keys).log_w
        else:
            starts = z.repeat_interleave(self.groups, 0)
            log_w = -self._sampler.reverse(counted, rows, starts, k, keys).log_w
        value, stderr = log_mean_of_groups(log_w.view(len(x), self.groups, -1))
        cost = torch.full_like(value, counted.evaluations / len(x))
        return torch.stack([value if z is None else -value, stderr, cost], -1).cpu().numpy()


def log_mean_of_groups(log_w: Tensor) -> tuple[Tensor, Tensor]:
    """(log mean exp(log_w) [B], its relative standard error [B]) of log_w [B, groups, chains]."""
    by_group = log_w.logsumexp(-1) - np.log(log_w.shape[-1])
    groups = by_group.shape[-1]
    value = by_group.logsumexp(-1) - np.log(groups)
    relative = (by_group - value[:, None]).exp()
    return value, relative.std(-1) / np.sqrt(groups)


def _both(name: str, z: Tensor) -> str:
    """The hash of a data point, known by its name, and its latents."""
    return hashlib.sha256((name + name_of(z)).encode()).hexdigest()[:32]
