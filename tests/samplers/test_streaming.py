"""Log weights in chunks have the law of log weights in one go, for any K."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.estimators.streaming import rows_at_once, stream_log_weights
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.randomness import KeyedDraws, keyed_generator
from evidence_bench.models.vaes.untrained import UntrainedVAE
from tests.statistical import assert_mean

LEAST = 1  # a budget of one byte: one evaluation at a time


class Watched:
    """A model that notes how often each of its halves is asked, and for how much."""

    def __init__(self, name: str) -> None:
        self.model = build_model(name)[1]
        self.encoded = 0
        self.sizes: list[int] = []

    def log_joint(self, x, z):
        self.sizes.append(x.shape[0] * z.shape[1])
        return self.model.log_joint(x, z)

    def proposal(self, x):
        self.encoded += len(x)
        return self.model.proposal(x)


def data(name: str, n: int) -> torch.Tensor:
    keys = (keyed_generator(("streaming", i)) for i in range(n))
    return build_model(name)[1].simulate(n, KeyedDraws(tuple(keys), block=1)).x


@pytest.mark.parametrize("k", [1, 2, 7, 100])
@pytest.mark.parametrize("memory", [LEAST, 3000, 10**9])
def test_any_k_in_any_budget(k, memory):
    watched, x = Watched("linear-gaussian"), data("linear-gaussian", 5)
    log_w = torch.cat(list(stream_log_weights(FromProposal(), watched, x, k, torch.Generator(), memory)))
    assert log_w.shape == (5, k)
    assert log_w.dtype == torch.float64
    assert bool(log_w.isfinite().all())
    assert log_w.unique().numel() == 5 * k  # none left out, none twice
    assert sum(watched.sizes) == 5 * k
    assert watched.encoded == 5
    values = 4 * (x[0].numel() * 2 + 16)
    assert max(watched.sizes) <= max(1, memory // (x.element_size() * values))


def test_the_mean_weight_is_p():
    model, x = build_model("linear-gaussian")[1], data("linear-gaussian", 2)
    generator = torch.Generator().manual_seed(0)
    rows = torch.cat([x[:1]] * 40)
    log_w = torch.cat(list(stream_log_weights(FromProposal(), model, rows, 500, generator, 30_000)))
    ratio = (log_w - model.log_evidence(x[:1])).exp()
    assert_mean(ratio.numpy(), 1.0, sees=0.1)


def test_a_sampler_that_is_not_iid_is_cut_between_points_only():
    watched, x = Watched("gaussian-20d"), data("gaussian-20d", 3)
    log_w = list(stream_log_weights(Adaptive(), watched, x, 300, torch.Generator(), LEAST))
    assert [len(part) for part in log_w] == [1, 1, 1]
    assert sum(watched.sizes) <= 3 * 300


def test_rows_at_once_is_at_least_one():
    assert rows_at_once(torch.zeros(2, 3), 10**12, 1) == 1


@pytest.mark.parametrize("layers", [1, 2])
def test_memory_does_not_grow_with_k(layers):
    from evidence_bench.benchmarks.measuring.memory import peak_bytes

    model = UntrainedVAE(layers)
    x = model.data(1)

    def peak(k: int) -> int:
        def draw() -> None:
            for _ in stream_log_weights(FromProposal(), model, x, k, torch.Generator(), 2**20):
                pass

        draw()
        return peak_bytes(draw, x.device) - 8 * k  # but for the log weights themselves

    assert peak(20_000) <= 1.05 * peak(4000)
    assert math.isfinite(peak(1))
