"""References by annealed chains: forwards for any data, backwards where the latents of x are known."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.command.headway import LOG_EVIDENCE
from evidence_bench.benchmarks.measuring.data_points import named
from evidence_bench.benchmarks.references import cache
from evidence_bench.benchmarks.references.estimates import Estimates
from evidence_bench.benchmarks.references.names import name_of, name_with
from evidence_bench.benchmarks.references.width import width
from evidence_bench.estimators.counted import Counted
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.samplers.annealed import PILOT, Annealed
from evidence_bench.models.base import Model
from evidence_bench.models.randomness import KeyedReplicates, keyed_generator

ROWS = 256  # groups in one go
HOLES = 128  # draws a group from the start that look for holes


@dataclass(frozen=True)
class AnnealedRun:
    """log of the mean weight of ``groups`` x ``chains`` annealed chains of ``steps`` temperatures.

    A group has step sizes of its own, so groups are independent; the spread between them is the standard
    error, relative to the mean. A lower bound in expectation forwards. Backwards, from latents that x was
    simulated from, -log of the mean reciprocal weight: an upper bound in expectation over (x, z); there all
    groups of a point share their start, and the error is that given the start.

    Chains begin ``width`` wide, so that they meet modes that are not near the first. Where log_joint is
    -inf at a share h of the draws from the start, so many chains weigh nothing, and few chains may all have
    missed that: the standard error is at least sqrt(h / ((1 - h) n)) for n chains.
    """

    groups: int = 8
    chains: int = 2
    steps: int = 1000
    leapfrogs: int = 4

    def estimate(self, model: Model, x: Tensor, z: Tensor | None = None) -> Estimates:
        """Of x [B, ...], backwards from z [B, L] where given. Kept where the model can be known again."""
        return self.estimate_with_holes(model, x, z)[0]

    def estimate_with_holes(
        self, model: Model, x: Tensor, z: Tensor | None = None
    ) -> tuple[Estimates, np.ndarray]:
        """``estimate``, and of each point the share [B] of draws from the start where log_joint is -inf.

        Point i depends on nothing but the model, x_i and z_i.
        """
        kept = cache.Kept.of(model, x, self._method(x, z is not None))
        names = [name_of(row) for row in x]
        if z is not None:
            names = [name_with(name, latents) for name, latents in zip(names, z, strict=True)]

        def measure(some: list[int]) -> np.ndarray:
            with named(some, x[some], self.groups):
                return self._measure(model, x[some], [names[i] for i in some], None if z is None else z[some])

        what = f"{LOG_EVIDENCE} by annealing" if z is None else f"{LOG_EVIDENCE} by annealing backwards"
        values = kept.completed(names, max(1, ROWS // self.groups), measure, what)
        degrees = np.full(len(x), self.groups - 1.0)
        return Estimates(values[:, 0], values[:, 1], degrees, float(values[:, 3].mean())), values[:, 2]

    def _method(self, x: Tensor, backward: bool) -> dict[str, object]:
        where = {"dtype": str(x.dtype), "device": x.device.type, "backward": backward}
        return {"sampler": "annealed", "pilot": repr(PILOT), "holes": HOLES, **asdict(self), **where}

    def _measure(self, model: Model, x: Tensor, names: list[str], z: Tensor | None) -> np.ndarray:
        """[b, 4] of a few data points: log p(x), its standard error, share of holes, evaluations."""
        direction = "forward" if z is None else "backward"
        generators = tuple(keyed_generator(("annealed", direction, name), x.device) for name in names)
        keys = KeyedReplicates(generators, self.groups, self.groups)
        rows, counted = x.repeat_interleave(self.groups, 0), Counted(model)
        space = NoiseSpace(counted, x[:1])
        sampler = Annealed(self.steps, self.leapfrogs, width=width(space.dimension))
        k = sampler.cost(space, self.chains)
        holes = torch.zeros(len(x), dtype=torch.float64, device=x.device)
        if z is None:
            log_w = sampler(counted, rows, k, keys).log_w
            holes = sampler.holes(counted, rows, k, HOLES, keys).view(len(x), self.groups).mean(-1)
        else:
            starts = z.repeat_interleave(self.groups, 0)
            log_w = -sampler.reverse(counted, rows, starts, k, keys).log_w
        value, stderr = log_mean_of_groups(log_w.view(len(x), self.groups, -1))
        stderr = torch.maximum(stderr, unseen(holes, self.groups * self.chains))
        cost = torch.full_like(value, counted.evaluations / len(x))
        return torch.stack([value if z is None else -value, stderr, holes, cost], -1).cpu().numpy()


def unseen(holes: Tensor, chains: int) -> Tensor:
    """sqrt(h / ((1 - h) n)): relative error of a mean of n weights of which a share h [B] is zero, others
    equal.

    The least that the error of n chains can be, however alike those that were drawn are.
    """
    return (holes / ((1 - holes) * chains)).sqrt()


def log_mean_of_groups(log_w: Tensor) -> tuple[Tensor, Tensor]:
    """(log mean exp(log_w) [B], its relative standard error [B]) of log_w [B, groups, chains]."""
    by_group = log_w.logsumexp(-1) - np.log(log_w.shape[-1])
    groups = by_group.shape[-1]
    value = by_group.logsumexp(-1) - np.log(groups)
    relative = (by_group - value[:, None]).exp()
    return value, relative.std(-1) / np.sqrt(groups)
