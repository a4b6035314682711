"""Many whole cells at once, pooled by the bench's own code: what coverage and false alarms are counted on.

A law gives log w - log p(x) for [points, replicates, K]; all repetitions of a cell are rows of one array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from evidence_bench.benchmarks.measuring.draws import Chunk
from evidence_bench.benchmarks.measuring.pooled import PooledWeights
from evidence_bench.benchmarks.statistics.controls import Shares
from evidence_bench.benchmarks.statistics.moments import WeightMoments, weight_moments
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian

Law = Callable[[tuple[int, ...], torch.Generator], torch.Tensor]
_VALUES_AT_ONCE = 1 << 21


def lognormal(s2: float) -> Law:
    """log w ~ N(-s2/2, s2)."""
    return lambda shape, g: s2**0.5 * torch.randn(shape, generator=g, dtype=torch.float64) - s2 / 2


def linear_gaussian(model: LinearGaussian) -> Law:
    """log w - log p(x) = log N(d; 0, P^-1) - log q with d = z - posterior mean = o + S e, at every x alike.

    It is constant + e^T (I - S^T P S) e / 2 - o^T P S e; e is turned so that the matrix is diagonal.
    """
    precision, spread, offset = model.precision, model._spread, model._offset
    curvature, axes = torch.linalg.eigh(torch.eye(model.latents) - spread.mT @ precision @ spread)
    slope = axes.mT @ (spread.mT @ precision @ offset)
    level = precision.logdet() / 2 + spread.logdet() - offset @ precision @ offset / 2

    def law(shape: tuple[int, ...], g: torch.Generator) -> torch.Tensor:
        log_w = level.expand(shape).clone()
        for c, b in zip(curvature.tolist(), slope.tolist(), strict=True):
            e = torch.randn(shape, generator=g, dtype=torch.float64)
            log_w += (c / 2 * e - b) * e
        return log_w

    return law


def whole(number: int) -> Shares:
    """The first ``number`` of the two controls, all of them."""
    return Shares(np.array(float(number >= 1)), np.array(float(number >= 2)))


@dataclass(frozen=True)
class SimulatedCell:
    """One repetition: log_mean_ratio [R, B] at K and what the draws say of c2, c3 and k-hat."""

    log_mean_ratio: np.ndarray
    moments: WeightMoments


def simulated_cells(
    law: Law, k: int, replicates: int, points: int, repetitions: int, seed: int = 0
) -> Iterator[SimulatedCell]:
    """Independent repetitions of a cell whose c2 is estimated from its own draws."""
    generator = torch.Generator().manual_seed(seed)
    rows_at_once = max(1, _VALUES_AT_ONCE // (replicates * k * points)) * points
    rows = repetitions * points
    for start in range(0, rows, rows_at_once):
        count = min(rows_at_once, rows - start)
        log_w = law((count, replicates, k), generator)
        pooled = PooledWeights(count, replicates)
        pooled.add(Chunk(0, 0, log_w, 0))
        mean = (torch.logsumexp(log_w, -1) - np.log(k)).numpy()
        for at in range(0, count, points):
            yield SimulatedCell(mean[at : at + points].T, _moments(pooled, slice(at, at + points)))


def _moments(pooled: PooledWeights, at: slice) -> WeightMoments:
    c2, c2_stderr, c3, c3_stderr = pooled.moments[:, at]
    return weight_moments(
        c2,
        c3,
        c2_stderr,
        c3_stderr,
        pooled.khat[at],
        points=len(c2),
        estimated=True,
        c2_halves=pooled.c2_halves[:, at],
        khat_halves=pooled.khat_halves[:, at],
    )
