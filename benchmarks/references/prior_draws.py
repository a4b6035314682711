"""A second opinion on a reference: the mean likelihood of draws from the prior, which begin at no mode."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.command.headway import LOG_EVIDENCE
from evidence_bench.benchmarks.measuring.data_points import named
from evidence_bench.benchmarks.references import cache
from evidence_bench.benchmarks.references.estimates import Estimates
from evidence_bench.benchmarks.references.names import name_of
from evidence_bench.estimators.counted import Counted
from evidence_bench.estimators.diagnostics import pareto_k
from evidence_bench.estimators.samplers.prior import FromPrior
from evidence_bench.estimators.streaming import values_an_evaluation
from evidence_bench.models.base import Model
from evidence_bench.models.randomness import KeyedReplicates, keyed_generator

BYTES = 256 * 2**20  # of the tensors of a few data points


@dataclass(frozen=True)
class PriorDraws:
    """log mean exp(log p(x | z_k)) over ``samples`` draws z_k of the prior, unbiased for p(x) before the log.

    ``first`` draws more say whether these are worth drawing: where the largest weight is more than
    ``dominance`` of their sum, as it is in many dimensions, no opinion is given. They count no further, for
    what is heard because of them would be low.
    """

    samples: int = 16384
    first: int = 1024
    dominance: float = 0.25

    def estimate(self, model: Model, x: Tensor) -> tuple[Estimates, np.ndarray]:
        """log p(x), with the relative standard error of the mean; k-hat [B], NaN where no opinion is given
        and -inf where the weights have no tail.

        Point i depends on nothing but the model and x_i. Kept on disk as other references are.
        """
        method = {
            "sampler": repr(FromPrior()),
            **asdict(self),
            "dtype": str(x.dtype),
            "device": x.device.type,
        }
        kept = cache.Kept.of(model, x, method)
        names = [name_of(row) for row in x]

        def measure(some: list[int]) -> np.ndarray:
            with named(some, x[some]):
                return self._measure(model, x[some], [names[i] for i in some])

        values = kept.completed(names, self._at_once(model, x), measure, f"second opinion on {LOG_EVIDENCE}")
        degrees = np.full(len(x), self.samples - 1.0)
        return Estimates(values[:, 0], values[:, 1], degrees, float(values[:, 3].mean())), values[:, 2]

    def _at_once(self, model: Model, x: Tensor) -> int:
        """Data points whose draws take about ``BYTES`` while log_joint is evaluated; at least one."""
        values = values_an_evaluation(model, x, x[0].numel() + 8)
        return max(1, BYTES // (self.samples * x.element_size() * values))

    def _measure(self, model: Model, x: Tensor, names: list[str]) -> np.ndarray:
        """[b, 4] of a few data points: log p(x), its standard error, k-hat, evaluations."""
        start = self._weights(model, x, names, self.first, "first")
        share = (start - start.logsumexp(-1, keepdim=True)).exp().amax(-1)
        heard = share <= self.dominance  # False for NaN: all weights are zero
        rows = torch.zeros(len(x), 4, dtype=torch.float64)
        rows[:, 2], rows[:, 3] = torch.nan, float(self.first)
        places = heard.nonzero().flatten().tolist()
        if places:
            rest = self._weights(model, x[places], [names[i] for i in places], self.samples, "rest")
            rows[places] = self._summary(rest).cpu()
        return rows.numpy()

    def _summary(self, log_w: Tensor) -> Tensor:
        n = log_w.shape[-1]
        value = log_w.logsumexp(-1) - np.log(n)
        stderr = (log_w - value[:, None]).exp().std(-1) / np.sqrt(n)
        khat = pareto_k(log_w).nan_to_num(nan=-torch.inf)
        return torch.stack([value, stderr, khat, torch.full_like(value, float(self.first + n))], -1)

    def _weights(self, model: Model, x: Tensor, names: list[str], k: int, which: str) -> Tensor:
        generators = tuple(keyed_generator(("prior", which, self.samples, name), x.device) for name in names)
        with torch.no_grad():
            return FromPrior()(Counted(model), x, k, KeyedReplicates(generators, 1, 1)).log_w
