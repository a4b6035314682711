"""A reference by independent long runs of adaptive importance sampling; their spread is its error."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.command.headway import LOG_EVIDENCE
from evidence_bench.benchmarks.measuring.data_points import named
from evidence_bench.benchmarks.references import cache
from evidence_bench.benchmarks.references.estimates import FINITE_VARIANCE, Estimates
from evidence_bench.benchmarks.references.names import name_of
from evidence_bench.benchmarks.references.width import width
from evidence_bench.estimators.counted import Counted
from evidence_bench.estimators.diagnostics import pareto_k
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.models.base import Model
from evidence_bench.models.offers import is_bijective
from evidence_bench.models.randomness import KeyedReplicates, keyed_generator

BYTES = 256 * 2**20  # of the tensors of a few data points
WIDTHS = 8  # numbers held a latent and evaluation while the sampler fits its proposals
LIMITS = (  # of k-hat
    (FINITE_VARIANCE, "the standard error may be too small"),
    (0.7, "the reference itself may be low"),
)
SAMPLER = Adaptive()
EXACT = 1e-5  # nats: below it weights differ by rounding alone
SHARE_OF_ERROR = 0.25


@dataclass(frozen=True)
class LongRun:
    """log of the mean of ``runs`` independent estimates of p(x), each unbiased, from ``samples`` evaluations.

    Its standard error is the relative one of that mean. It is low, like every estimate by importance
    sampling, where the tail of the weights is too heavy: k-hat of all weights says so. What no draw met,
    k-hat cannot tell; so the first round is ``width`` wide.
    """

    runs: int = 8
    samples: int = 16384

    def estimate(self, model: Model, x: Tensor) -> tuple[Estimates, np.ndarray]:
        """log p(x), and k-hat [B] of the last round's weights, whose fit is the best. Kept on disk where
        the model can be known again.

        Point i depends on nothing but the model and x_i.
        """
        method = {"sampler": repr(SAMPLER), **asdict(self), "dtype": str(x.dtype), "device": x.device.type}
        kept = cache.Kept.of(model, x, method)
        names = [name_of(row) for row in x]
        at_once = max(1, BYTES // (self.runs * self.samples * WIDTHS * x.element_size() * _latents(model, x)))

        def measure(some: list[int]) -> np.ndarray:
            with named(some, x[some], self.runs):
                return self._measure(model, x[some], [names[i] for i in some])

        value, stderr, khat, evaluations, share = kept.completed(names, at_once, measure, LOG_EVIDENCE).T
        degrees, doubt = np.full(len(x), self.runs - 1.0), doubtful(stderr, khat, share)
        return Estimates(value, stderr, degrees, float(evaluations.mean()), doubt), khat

    def _measure(self, model: Model, x: Tensor, names: list[str]) -> np.ndarray:
        """[b, 5] of a few points: log p(x), its standard error, k-hat, evaluations, the largest share."""
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
        last = log_w[:, -plan.schedule.draws[-1] :].reshape(len(x), -1)
        of_sum = log_w.view(len(x), -1).amax(-1) - log_w.view(len(x), -1).logsumexp(-1)
        evaluations = torch.full_like(log_mean, float(self.runs * self.samples))
        columns = [log_mean, relative, pareto_k(last), evaluations, of_sum.exp()]
        return torch.stack(columns, -1).cpu().numpy()

    def sentence(self, stderr: np.ndarray, khat: np.ndarray) -> str:
        """What a report says of it."""
        heavy = [(limit, int((khat >= limit).sum()), says) for limit, says in LIMITS]
        warning = "".join(
            f"; k-hat above {a} at {n} of {len(khat)} points, where {says}" for a, n, says in heavy if n
        )
        return (
            f"adaptive importance sampling, {self.runs} runs of {self.samples} evaluations a point: standard "
            f"error {np.median(stderr):.2g} nats (median), {stderr.max():.2g} (largest)"
            f"{of_khat(khat)}{warning}"
        )


def of_khat(khat: np.ndarray) -> str:
    """Its median and largest value; nothing where weights have none because they are equal."""
    known = khat[~np.isnan(khat)]
    return f", k-hat {np.median(known):.2f} (median), {known.max():.2f} (largest)" if len(known) else ""


def doubtful(stderr: np.ndarray, khat: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Where the spread of few runs says little of their error, [B].

    One weight that has more than a quarter of the standard error as its ``share`` of the sum: had it not
    been drawn, or another like it been, the estimate would be elsewhere. Of weights with a variance the
    largest of n falls behind the error of their mean as n grows. Or a k-hat of 1/2 or more, which says the
    same of the law.
    """
    few = (share > SHARE_OF_ERROR * stderr) & (stderr > EXACT)
    return np.asarray(few | (khat >= FINITE_VARIANCE))


def applicable(model: Model, x: Tensor) -> bool:
    """Whether the proposal is a bijection of N(0, I), which the sampler needs."""
    return is_bijective(model.proposal(x[:1]))


def _latents(model: Model, x: Tensor) -> int:
    noise = model.proposal(x[:1]).noise(1, torch.Generator(x.device))
    return int(noise.shape[-1])
