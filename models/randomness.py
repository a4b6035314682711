"""Randomness as an argument, keyed so that no number depends on what else is computed.

A key is a tuple of names and numbers, such as (seed, model, sampler, data point, block). All of it
reaches the generator: torch's CPU generator keeps only 32 bits of a seed, so its whole state (624 words)
is filled from a hash of the key; on a GPU the hash gives the 64-bit seed and the 62-bit counter of Philox.

Noise is made in blocks of a fixed size and then cut, so that neither the compute chunk, nor the other
data points, nor the engine changes a value. On a CPU blocks are made by all cores, each by one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from evidence_bench.models.parallel import for_each

Key = tuple[str | int, ...]
BLOCK_VALUES = 16_384
BLOCK_DRAWS = 1_024
STREAM_VALUES = 1 << 16
_WORDS = 624
_WORDS_AT = 24  # bytes before the words in torch's CPU state: seed (8), left (4), seeded (4), next (8)


def keyed_generator(key: Key, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator whose whole state is the hash of ``key``; keys that differ anywhere are independent."""
    generator = torch.Generator(device=device)
    if generator.device.type == "cpu":
        generator.set_state(_cpu_state(key))
    else:
        generator.set_state(_counter_state(key))
    return generator


@dataclass(frozen=True)
class KeyedDraws:
    """One generator a data point; each call makes ``block`` draws a point, returns k from ``skip`` on."""

    generators: tuple[torch.Generator, ...]
    block: int
    skip: int = 0

    def fill(self, sample: Sample, shape: tuple[int, int, int]) -> Tensor:
        rows, k, d = shape
        _require(rows == len(self.generators), f"{rows} rows were asked of {len(self.generators)} keys")
        end = self.skip + k
        _require(end <= self.block, f"draws up to {end} were asked of blocks of {self.block}")
        return _stacked(self.generators, sample, (self.block, d), slice(self.skip, end))


@dataclass(frozen=True)
class KeyedReplicates:
    """One generator a data point for ``block`` replicates of it; the first ``take`` are returned.

    Rows are ordered point by point: row b * take + r is replicate r of point b.
    """

    generators: tuple[torch.Generator, ...]
    block: int
    take: int

    def fill(self, sample: Sample, shape: tuple[int, int, int]) -> Tensor:
        rows, k, d = shape
        have = len(self.generators) * self.take
        _require(rows == have, f"{rows} rows were asked of keys for {have}")
        return _stacked(self.generators, sample, (self.block, k, d), slice(self.take)).flatten(0, 1)


class NoiseShape:
    """A generator that only notes the largest noise dimension asked of it: how blocks get their size."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.dimension = 1

    def fill(self, sample: Sample, shape: tuple[int, int, int]) -> Tensor:
        self.dimension = max(self.dimension, shape[2])
        return sample(shape, keyed_generator(("noise shape",), self.device))


Generator = torch.Generator | KeyedDraws | KeyedReplicates | NoiseShape


@dataclass(frozen=True)
class Sample:
    """How a contiguous tensor is filled from a torch.Generator, and what kind of tensor it is."""

    fill: Callable[[Tensor, torch.Generator], None]
    dtype: torch.dtype
    device: torch.device

    def empty(self, *shape: int) -> Tensor:
        return torch.empty(shape, dtype=self.dtype, device=self.device)

    def __call__(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        out = self.empty(*shape)
        self.fill(out, generator)
        return out


def standard_normal(
    generator: Generator, rows: int, k: int, d: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """N(0, 1) noise [rows, k, d]."""

    def fill(out: Tensor, one: torch.Generator) -> None:
        out.normal_(generator=one)

    return _fill(generator, Sample(fill, dtype, device), (rows, k, d))


def standard_uniform(
    generator: Generator, rows: int, k: int, d: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Uniform noise on [0, 1), [rows, k, d]."""

    def fill(out: Tensor, one: torch.Generator) -> None:
        out.uniform_(generator=one)

    return _fill(generator, Sample(fill, dtype, device), (rows, k, d))


def standard_gamma(
    generator: Generator,
    concentration: float,
    rows: int,
    k: int,
    d: int,
    dtype: torch.dtype,
    device: torch.device,
) -> Tensor:
    """Gamma(concentration, 1) noise [rows, k, d]; chi-square with nu degrees is twice Gamma(nu/2)."""

    def fill(out: Tensor, one: torch.Generator) -> None:
        out.copy_(torch._standard_gamma(torch.full_like(out, concentration), generator=one))

    return _fill(generator, Sample(fill, dtype, device), (rows, k, d))


def standard_log_gamma(
    generator: Generator,
    concentration: float,
    scale: float,
    rows: int,
    k: int,
    d: int,
    dtype: torch.dtype,
    device: torch.device,
) -> Tensor:
    """log(g / scale) of g ~ Gamma(concentration, 1), [rows, k, d]; in logs, g may be below any number.

    Where more than one g in 1e15 would underflow, log g = log g' + log(u) / concentration with g' one degree
    higher, Gamma(concentration + 1, 1), and u uniform: exact (Marsaglia and Tsang, 2000, section 6).
    """
    underflows = concentration * -math.log(torch.finfo(dtype).tiny) < -math.log(1e-15)

    def fill(out: Tensor, one: torch.Generator) -> None:
        if not underflows:
            g = torch._standard_gamma(torch.full_like(out, concentration), generator=one)
            out.copy_(g.double().div_(scale).log_())
            return
        more = torch.full_like(out, concentration + 1, dtype=torch.float64)
        g = torch._standard_gamma(more, generator=one)
        u = 1 - torch.rand(out.shape, generator=one, dtype=torch.float64, device=out.device)
        out.copy_((g / scale).log_() + u.log_() / concentration)

    return _fill(generator, Sample(fill, dtype, device), (rows, k, d))


def _fill(generator: Generator, sample: Sample, shape: tuple[int, int, int]) -> Tensor:
    if not isinstance(generator, torch.Generator):
        return generator.fill(sample, shape)
    values = shape[0] * shape[1] * shape[2]
    if generator.device.type != "cpu" or values <= STREAM_VALUES:
        return sample(shape, generator)
    return _streams(generator, sample, values).view(shape)


def _streams(generator: torch.Generator, sample: Sample, values: int) -> Tensor:
    """[values] from streams of STREAM_VALUES each, whose keys hold 128 bits drawn from the generator.

    torch fills a tensor on a CPU with one core; these are filled by all, and do not depend on how many.
    """
    root = torch.randint(-(2**63), 2**63 - 1, (2,), generator=generator).tolist()
    streams = [keyed_generator(("stream", *root, i)) for i in range(-(-values // STREAM_VALUES))]
    return _stacked(streams, sample, (STREAM_VALUES,)).flatten()[:values]


def _stacked(
    generators: Sequence[torch.Generator], sample: Sample, shape: tuple[int, ...], kept: slice = slice(None)
) -> Tensor:
    """What each generator samples, cut to ``kept`` along its first axis, stacked; on a CPU by all cores."""
    rows = len(range(*kept.indices(shape[0])))
    out = sample.empty(len(generators), rows, *shape[1:])

    def fill(i: int) -> None:
        if rows == shape[0]:
            sample.fill(out[i], generators[i])
        else:
            out[i] = sample(shape, generators[i])[kept]

    numbers = range(len(generators))
    if sample.device.type == "cpu":
        for_each(fill, numbers)
    else:
        for i in numbers:
            fill(i)
    return out


def _digest(key: Key, size: int) -> bytes:
    return hashlib.shake_256(repr(key).encode()).digest(size)


@cache
def _seeded_state() -> Tensor:
    return torch.Generator().manual_seed(0).get_state()


def _cpu_state(key: Key) -> Tensor:
    """torch's CPU state with its 624 Mersenne words (kept as 64-bit integers) replaced by the hash."""
    state = _seeded_state().clone()
    words = np.frombuffer(_digest(key, 4 * _WORDS), dtype="<u4").astype("<u8")
    state[_WORDS_AT : _WORDS_AT + 8 * _WORDS] = torch.from_numpy(words.view(np.uint8).copy())
    return state


def _counter_state(key: Key) -> Tensor:
    """Philox: 8 bytes of seed, 8 bytes of counter, which torch wants as a multiple of 4 below 2^63."""
    seed, counter = np.frombuffer(_digest(key, 16), dtype="<u8")
    words = np.array([seed, (int(counter) >> 3) << 2], dtype="<u8")
    return torch.from_numpy(words.view(np.uint8).copy())


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence + "; make the generator for the rows and draws that are used.")
