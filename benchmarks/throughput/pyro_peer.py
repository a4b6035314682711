"""Pyro's vectorised importance weights, with the subject's own networks in its model and guide."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from evidence_bench.benchmarks.throughput.contender import Kind, NotHere, Replay
from evidence_bench.benchmarks.throughput.subject import Subject
from evidence_bench.benchmarks.throughput.textbook import few_samples, in_parts


class Pyro:
    """``vectorized_importance_weights`` of each data point (it sums over a plate of them) with K samples.

    ``part``: samples a call, 0 for all K in one, as its documentation shows.
    """

    def __init__(self, subject: Subject, part: int = 0) -> None:
        try:
            self.pyro: Any = import_module("pyro")
            importance = import_module("pyro.infer.importance")
        except ImportError as error:
            raise NotHere(f"Pyro is not installed ({error}); pip install 'evidence-bench[peers]'.") from error
        self.subject, self.part = subject, part or subject.samples
        self.distributions: Any = import_module("pyro.distributions")
        self.weights: Any = importance.vectorized_importance_weights

    def run(self) -> Tensor:
        """log_w [B, K]."""
        k = self.subject.samples
        counts = [min(self.part, k - start) for start in range(0, k, self.part)]
        return torch.stack([torch.cat([self._call(x, n)[0] for n in counts]) for x in self.subject.x])

    def replay(self, samples: int) -> Replay:
        """The same with the z of Pyro's trace."""
        calls = [self._call(x, samples) for x in self.subject.x]
        return Replay(torch.stack([log_w for log_w, _ in calls]), torch.stack([z for _, z in calls]))

    def _call(self, x: Tensor, k: int) -> tuple[Tensor, Tensor]:
        with self.pyro.validation_enabled(False):
            log_w, trace, _ = self.weights(self._model, self._guide, x, num_samples=k, max_plate_nesting=0)
        names = [f"z{i}" for i in range(len(self.subject.network.widths))]
        return log_w, torch.cat([trace.nodes[name]["value"] for name in names], -1)

    def _model(self, x: Tensor) -> None:
        network, last = self.subject.network, len(self.subject.network.widths) - 1
        zeros = x.new_zeros(network.widths[-1])
        z = self._normal(last, zeros, torch.ones_like(zeros))
        for i, upper in reversed(list(enumerate(network.upper))):
            mean, log_sd = upper(z)
            z = self._normal(i, mean, log_sd.exp())
        pixels = self.distributions.Bernoulli(logits=network.decoder(z)).to_event(1)
        self.pyro.sample("x", pixels, obs=x)

    def _guide(self, x: Tensor) -> None:
        z = x
        for i, layer in enumerate(self.subject.network.encoder.layers):  # type: ignore[arg-type]
            mean, log_sd = layer(z)
            z = self._normal(i, mean, log_sd.exp())

    def _normal(self, i: int, mean: Tensor, sd: Tensor) -> Tensor:
        z: Tensor = self.pyro.sample(f"z{i}", self.distributions.Normal(mean, sd).to_event(1))
        return z


PYRO = Kind(
    name="pyro",
    about="Pyro's vectorized_importance_weights, one call with K samples for each data point",
    role="peer",
    make=lambda subject, size: Pyro(subject),
)
PYRO_PARTS = Kind(
    name="pyro-parts",
    about="the same call with fewer samples and more often, the fastest of several sizes",
    role="peer",
    make=Pyro,
    sizes=in_parts,
    trial=few_samples,
    headline=False,
)
