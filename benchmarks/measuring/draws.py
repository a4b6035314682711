"""Draws of log weights for many replicates at once, such that no value depends on how they are cut.

Noise comes in blocks with a key of their own: (seed, model, sampler, data point, block) where draws are iid,
and (seed, model, sampler, N, data point, block of replicates) where they are not. A block has 16,384 values
or more, and 1,024 draws or more where they are iid, so its key costs little; chunks of points and
replicates only choose which blocks are used when.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.benchmarks.measuring.data_points import named, not_weights_at
from evidence_bench.estimators.base import LogWeights, Sampler
from evidence_bench.estimators.catalogue import is_ours
from evidence_bench.estimators.counted import Counted
from evidence_bench.estimators.streaming import rows_at_once, values_an_evaluation
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BadWeights
from evidence_bench.models.offers import kind_of
from evidence_bench.models.randomness import (
    BLOCK_DRAWS,
    BLOCK_VALUES,
    Generator,
    Key,
    KeyedDraws,
    KeyedReplicates,
    NoiseShape,
    keyed_generator,
)

LEAST_BYTES = 4  # of a log weight: sums of log densities in half precision are off by nats


@dataclass(frozen=True)
class Chunk:
    """log_w [b, r, K] of the data points and the replicates at these offsets."""

    first_point: int
    first_replicate: int
    log_w: Tensor
    evaluations: int


@dataclass(frozen=True)
class Source:
    """What log weights are drawn from; ``key`` is (seed, model name, sampler repr)."""

    model: Model
    sampler: Sampler
    x: Tensor
    key: Key
    memory: int

    def chunks(self, replicates: int, k: int) -> Iterator[Chunk]:
        """All [B, R, K] weights, chunk by chunk: points outside, replicates inside.

        For iid samplers replicate r is draws r K to (r+1) K of its point's stream, so its first K' draws are
        a replicate at K'.
        """
        dimension = self.noise_dimension(k)
        cut = _iid_chunks if self.sampler.iid else _replicate_chunks
        yield from cut(self, replicates, k, dimension)

    def noise_dimension(self, k: int) -> int:
        """Largest number of noise values that one draw of one point takes."""
        probe = NoiseShape(self.x.device)
        with contextlib.suppress(BadWeights):  # by then the noise was asked for; the draws say where
            self.sampler(
                Counted(self.model), self.x[:1], self.sampler.min_k if self.sampler.iid else k, probe
            )
        return probe.dimension

    def values(self, dimension: int) -> int:
        """Values held while log_joint is evaluated once."""
        return values_an_evaluation(self.model, self.x, dimension)

    def evaluations_at_once(self, values: int) -> int:
        """How many evaluations, holding so many values each, are made in one go; at least 1."""
        return rows_at_once(self.x, values, self.memory)

    def rows_in_memory(self, values_a_row: int) -> int:
        """How many rows of so many values fit into the budget; at least 1."""
        return max(1, self.memory // (self.x.element_size() * values_a_row))


def checked_weights(
    sampler: Sampler, model: Model, x: Tensor, k: int, generator: Generator, points: Tensor
) -> Tensor:
    """log_w [rows, K] in float64; BadWeights names the data points where it is NaN, +inf or misshapen."""
    with named(points.tolist(), x):
        drawn = sampler(model, x, k, generator)
    log_w = weights_of(drawn, sampler, len(x), k)
    bad = (log_w.isnan() | (log_w == torch.inf)).any(dim=1)
    if bad.any():
        raise not_weights_at(points.tolist(), x, bad.nonzero().flatten().tolist())
    return log_w.double()


def weights_of(drawn: object, sampler: Sampler, rows: int, k: int) -> Tensor:
    """log_w [rows, K] of what a sampler returned; BadWeights names the sampler where it is none.

    Fewer than k are a sampler's that is not iid, where the others' evaluations went elsewhere.
    """
    log_w = getattr(drawn, "log_w", None)
    if not isinstance(log_w, Tensor):
        what = f"LogWeights of {kind_of(log_w)}" if isinstance(drawn, LogWeights) else kind_of(drawn)
        raise BadWeights(
            f"The sampler {sampler!r} returned {what}; it must return estimators.base.LogWeights(log_w) with "
            f"a tensor log_w of shape ({rows}, {k})."
        )
    if not log_w.is_floating_point() or log_w.element_size() < LEAST_BYTES:
        raise BadWeights(
            f"The sampler {sampler!r} returned log weights of type {log_w.dtype}; return torch.float64."
        )
    right = log_w.ndim == 2 and log_w.shape[0] == rows and log_w.shape[1] > 0
    if not right or (sampler.iid and log_w.shape[1] != k):
        raise BadWeights(_misshapen(sampler, tuple(log_w.shape), (rows, k)))
    return log_w


def _misshapen(sampler: Sampler, shape: tuple[int, ...], expected: tuple[int, int]) -> str:
    """The sentence for log weights of the wrong shape; ours take theirs from the proposal."""
    if is_ours(type(sampler)):
        return (
            f"the log weights have shape {shape}, not {expected}; draw(e) of the proposal must return log_q "
            "with one value for each row of x and each sample."
        )
    instead = (
        "; declare iid = False where some evaluations give no weight" if shape[:1] == expected[:1] else ""
    )
    return (
        f"The sampler {sampler!r} returned log weights of shape {shape}, not {expected}; it must return one "
        f"weight for each row of x and each sample{instead}."
    )


def _iid_chunks(source: Source, replicates: int, k: int, dimension: int) -> Iterator[Chunk]:
    block = max(-(-BLOCK_VALUES // dimension), BLOCK_DRAWS)
    points_at_once = min(
        source.evaluations_at_once(block * source.values(dimension)),
        source.rows_in_memory(2 * min(replicates, 8) * k),
    )
    replicates_at_once = max(1, source.rows_in_memory(4 * k))
    for first in range(0, len(source.x), points_at_once):
        x = source.x[first : first + points_at_once]
        replicates_here = max(1, replicates_at_once // len(x))
        model = Counted(source.model)
        for r in range(0, replicates, replicates_here):
            count = min(replicates_here, replicates - r)
            before = model.evaluations
            log_w = _draws(source, model, x, first, r * k, (r + count) * k, block)
            yield Chunk(first, r, log_w.view(len(x), count, k), model.evaluations - before)


def _draws(source: Source, model: Counted, x: Tensor, first: int, start: int, end: int, block: int) -> Tensor:
    """Draws ``start`` to ``end`` [b, end - start] of the streams of the points from ``first`` on."""
    points = torch.arange(first, first + len(x))
    out = torch.empty(len(x), end - start, dtype=torch.float64, device=x.device)
    at = start
    while at < end:
        number, skip = divmod(at, block)
        count = min(block - skip, end - at)
        keys = [(*source.key, "point", int(p), "block", number) for p in points]
        generator = KeyedDraws(tuple(keyed_generator(key, x.device) for key in keys), block, skip)
        out[:, at - start : at - start + count] = checked_weights(
            source.sampler, model, x, count, generator, points
        )
        at += count
    return out


def _replicate_chunks(source: Source, replicates: int, n: int, dimension: int) -> Iterator[Chunk]:
    block = -(-BLOCK_VALUES // (n * dimension))
    points_at_once = max(1, source.rows_in_memory(n * source.values(dimension)) // block)
    for first in range(0, len(source.x), points_at_once):
        x = source.x[first : first + points_at_once]
        for r in range(0, replicates, block):
            yield _replicate_chunk(source, x, first, r, min(block, replicates - r), n, block)


def _replicate_chunk(source: Source, x: Tensor, first: int, r: int, take: int, n: int, block: int) -> Chunk:
    points = torch.arange(first, first + len(x))
    keys = [(*source.key, "N", n, "point", int(p), "replicates", r // block) for p in points]
    generator = KeyedReplicates(tuple(keyed_generator(key, x.device) for key in keys), block, take)
    model = Counted(source.model)
    rows = x.repeat_interleave(take, dim=0)
    log_w = checked_weights(source.sampler, model, rows, n, generator, points.repeat_interleave(take))
    return Chunk(first, r, log_w.view(len(x), take, -1), model.evaluations)
