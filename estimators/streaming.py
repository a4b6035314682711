"""Log weights in chunks: any B and K in bounded memory, each data point encoded once."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from evidence_bench.estimators.base import Sampler
from evidence_bench.estimators.counted import Counted
from evidence_bench.models.base import Model
from evidence_bench.models.offers import values_held
from evidence_bench.models.randomness import Generator

CACHE_BYTES = {"cpu": 32 * 2**20}  # of a chunk; beyond it a CPU waits for its memory


def values_an_evaluation(model: Model, x: Tensor, dimension: int) -> int:
    """Values held while log_joint is evaluated once: the model's own figure, or a guess."""
    guess = 4 * (x[0].numel() + dimension + 8)
    return values_held(model, guess)


def rows_at_once(x: Tensor, values_a_row: int, memory: int) -> int:
    """How many evaluations one chunk holds within ``memory`` bytes; at least 1."""
    bound = min(memory, CACHE_BYTES.get(x.device.type, memory))
    return max(1, bound // (x.element_size() * max(1, values_a_row)))


def stream_log_weights(
    sampler: Sampler, model: Model, x: Tensor, k: int, generator: Generator, memory: int
) -> Iterator[Tensor]:
    """log_w [b, k] in float64 of the data points in turn, drawn in chunks of at most about ``memory`` bytes.

    Draws of an iid sampler are cut wherever the budget asks for it, k need not be a multiple of anything;
    a sampler that is not iid is cut between data points only. Which values come out of one generator
    depends on the chunks; their law does not. Cost: k evaluations a row.
    """
    values = values_an_evaluation(model, x, x[0].numel() + 8)
    # A sampler in rounds pays for each of them, so it gets as many points at once as memory allows.
    rows = rows_at_once(x, values, memory) if sampler.iid else memory // (x.element_size() * values)
    draws = min(k, rows) if sampler.iid else k
    for points in torch.split(x, max(1, rows // draws)):
        counted = Counted(model)  # it remembers the encoding of the points that are drawn for
        if draws == k:
            yield sampler(counted, points, k, generator).log_w
            continue
        log_w = torch.empty(len(points), k, dtype=torch.float64, device=x.device)
        for at in range(0, k, draws):
            end = min(at + draws, k)
            log_w[:, at:end] = sampler(counted, points, end - at, generator).log_w
        yield log_w
