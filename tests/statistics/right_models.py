"""Cells of models that are right: the mean weight is p(x) by construction, whatever the tail of the weights.

Light, heavy and mixed tails, discrete weights, weights of zero, rare large values, few replicates, K = 1;
with exact moments and with moments estimated from the draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from evidence_bench.benchmarks.measuring.draws import Chunk
from evidence_bench.benchmarks.measuring.pooled import PooledWeights
from evidence_bench.benchmarks.statistics.moments import WeightMoments, weight_moments

_DRAWS = 200_000  # of a cell at most


@dataclass(frozen=True)
class RightCell:
    """log_mean_ratio [R, B] at K, what is known of the weights, and which law it was."""

    law: str
    log_mean_ratio: np.ndarray
    k: int
    moments: WeightMoments


@dataclass(frozen=True)
class Weights:
    """log w of one point, E w = 1, with its c2 and c3."""

    log_w: np.ndarray
    c2: float
    c3: float


def lognormal(rng, n):
    s2 = float(rng.choice([1e-4, 0.01, 0.25, 1.0, 2.0, 4.0, 9.0]))
    c2 = np.expm1(s2)
    return Weights(s2**0.5 * rng.standard_normal(n) - s2 / 2, c2, c2**2 * (c2 + 3))


def gamma(rng, n):
    a = float(rng.choice([0.05, 0.3, 1.0, 5.0]))
    with np.errstate(divide="ignore"):
        return Weights(np.log(rng.standard_gamma(a, n) / a), 1 / a, 2 / a**2)


def pareto(rng, n):
    """1 with a tail of index 1/xi: c2 is infinite from xi = 1/2 on, c3 from 1/3."""
    xi = float(rng.choice([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8]))
    raw = [1 / (1 - j * xi) if j * xi < 1 else np.inf for j in range(4)]
    return Weights(xi * rng.standard_exponential(n) + np.log(1 - xi), *relative(*raw))


def two_point(rng, n):
    p = float(10.0 ** rng.uniform(-6, np.log10(0.5)))
    ratio = float(10.0 ** rng.uniform(-3, 6))
    return atoms(rng, n, np.array([1 - p, p]), np.array([1.0, ratio]))


def discrete(rng, n):
    """A mixture's posterior under a tempered one: eight atoms of very different mass."""
    log_posterior = rng.uniform(1, 6) * rng.standard_normal(8)
    posterior = np.exp(log_posterior - np.logaddexp.reduce(log_posterior))
    proposal = posterior ** rng.choice([0.5, 2.0])
    return atoms(rng, n, proposal / proposal.sum(), posterior / proposal)


def with_holes(rng, n):
    """Weight zero on part of the space."""
    hole = float(rng.choice([0.1, 0.9, 0.999]))
    inner = lognormal(rng, n)
    raw = [1.0, 1.0, inner.c2 + 1, inner.c3 + 3 * inner.c2 + 1]
    with np.errstate(divide="ignore"):
        log_w = np.where(rng.random(n) < hole, -np.inf, inner.log_w - np.log1p(-hole))
    return Weights(log_w, *relative(*(m * (1 - hole) ** (1 - j) for j, m in enumerate(raw))))


LAWS = (lognormal, gamma, pareto, two_point, discrete, with_holes)


def atoms(rng, n, share, values):
    """Weights that take a few values only."""
    values = values / (share @ values)
    counted = np.searchsorted(np.cumsum(share)[:-1], rng.random(n))
    return Weights(np.log(values)[counted], *relative(*(float(share @ values**j) for j in range(4))))


def relative(_, mean, second, third):
    """c2 and c3 from raw moments."""
    if not np.isfinite(third):
        return second / mean**2 - 1, np.inf
    return second / mean**2 - 1, third / mean**3 - 3 * second / mean**2 + 2


def right_cell(seed: int, *, large: bool = False) -> RightCell:
    """A cell of a law, a size and a kind of moments drawn from ``seed``; ``large``: of many draws."""
    rng = np.random.default_rng((31, seed, large))
    k = int(rng.choice([16, 64] if large else [1, 4, 16, 64]))
    replicates = int(rng.choice([50, 200] if large else [1, 2, 5, 21, 50, 200]))
    points = max(1, min(int(rng.choice([1, 8, 32])), _DRAWS // (k * replicates)))
    mixed, law = rng.random() < 0.3, LAWS[rng.integers(len(LAWS))]
    rows = [(LAWS[rng.integers(len(LAWS))] if mixed else law)(rng, replicates * k) for _ in range(points)]
    log_w = torch.from_numpy(np.stack([row.log_w for row in rows]).reshape(points, replicates, k))
    mean = (torch.logsumexp(log_w, -1) - np.log(k)).numpy().T
    exact = rng.random() < 0.5
    moments = _exact(rows) if exact else estimated(log_w)
    name = f"{'mixed' if mixed else law.__name__}, {'exact' if exact else 'estimated'} moments"
    return RightCell(f"{name}, K={k}, R={replicates}, B={points}", mean, k, moments)


def right_cells(number: int) -> Iterator[RightCell]:
    """That many of them."""
    return map(right_cell, range(number))


def _exact(rows: list[Weights]) -> WeightMoments:
    return weight_moments([row.c2 for row in rows], [row.c3 for row in rows], points=len(rows))


def estimated(log_w: torch.Tensor) -> WeightMoments:
    """What the bench says of the draws log_w [b, R, K]."""
    points, replicates, _ = log_w.shape
    pooled = PooledWeights(points, replicates)
    pooled.add(Chunk(0, 0, log_w, 0))
    c2, c2_stderr, c3, c3_stderr = pooled.moments
    halves = {"c2_halves": pooled.c2_halves, "khat_halves": pooled.khat_halves}
    return weight_moments(c2, c3, c2_stderr, c3_stderr, pooled.khat, points=points, estimated=True, **halves)
