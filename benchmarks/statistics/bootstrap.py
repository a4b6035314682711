"""Resampling of replicates, jointly over points and over K: each sample is a vector of counts over r.

A bootstrap mean is then a matrix product, counts [n_boot, R] @ values [R, ...] / R, and no array of
[n_boot, R, B] is made. The generator is fixed, so the same data give the same interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array, Interval
from evidence_bench.benchmarks.statistics.intervals import LEVEL

N_BOOT = 2000
KIND = "95% percentile bootstrap over replicates"
_COUNTS_AT_ONCE = 2**21  # 16 MiB of them
_POINTS_AT_ONCE = 1024


def fixed_generator(stream: int, chunk: int = 0) -> np.random.Generator:
    """The generator of one use of the bootstrap; different streams and chunks are independent."""
    return np.random.Generator(np.random.Philox(key=(chunk << 64) + stream))


@dataclass(frozen=True)
class Resamples:
    """n_boot samples of R replicates, drawn with replacement; the same ones for equal fields."""

    replicates: int
    n_boot: int = N_BOOT
    stream: int = 0

    def counts(self) -> Iterator[Array]:
        """How often each replicate is drawn, [n_boot, R] in chunks of rows that fit in memory."""
        rows = max(1, _COUNTS_AT_ONCE // self.replicates)
        for chunk, start in enumerate(range(0, self.n_boot, rows)):
            yield _counts(self.replicates, min(rows, self.n_boot - start), self.stream, chunk)


def resampled_means(values: Array, resamples: Resamples) -> Array:
    """[n_boot, ...]: the mean over replicates of values [R, ...] in each bootstrap sample."""
    return np.concatenate([counts @ values for counts in resamples.counts()]) / len(values)


def resampled_variance(errors: Array, resamples: Resamples) -> Array:
    """[n_boot]: mean over points of the variance over replicates of errors [R, B] in each sample.

    A sample with replacement has (R-1)/R of the variance it came from, on average: its mean square is
    divided by ((R-1)/R)^2 in place of (R-1)/R, so that the interval is not shifted to the left.
    """
    replicates, points = errors.shape
    total = np.zeros(resamples.n_boot)
    for start in range(0, points, _POINTS_AT_ONCE):
        centred = errors[:, start : start + _POINTS_AT_ONCE]
        centred = centred - centred.mean(axis=0)
        squares = resampled_means((centred**2).sum(axis=1), resamples)
        total += squares - (resampled_means(centred, resamples) ** 2).sum(axis=1)
    return np.asarray(total / points * (replicates / (replicates - 1)) ** 2)


def percentile_interval(value: float, samples: Array, kind: str = KIND, level: float = LEVEL) -> Interval:
    """value with the 2.5% and 97.5% quantiles of its bootstrap samples; no interval where they are all equal.

    Equal replicates have equal resamples: what would make them differ was not met.
    """
    if samples.min() == samples.max():
        return Interval(value, np.nan, np.nan, "none", "all resamples are equal")
    with np.errstate(invalid="ignore"):  # samples may be infinite
        low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), kind)


@lru_cache(maxsize=8)
def _counts(replicates: int, rows: int, stream: int, chunk: int) -> Array:
    generator = fixed_generator(stream, chunk)
    samples = (generator.integers(replicates, size=replicates) for _ in range(rows))
    counts = np.stack([np.bincount(sample, minlength=replicates) for sample in samples]).astype(np.float64)
    counts.setflags(write=False)
    return counts
