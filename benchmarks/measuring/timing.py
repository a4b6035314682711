"""Time and memory of one estimate of all the data points, measured alone.

The work is what a user would do: one call of the sampler with an ordinary generator, in chunks where the
memory budget asks for it, then the reducer. On a GPU the clock is read after synchronising, and the time
that the device itself was busy is taken by events.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.measuring.memory import peak_bytes
from evidence_bench.benchmarks.measuring.subject import Subject
from evidence_bench.benchmarks.statistics.times import median_stderr
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.streaming import stream_log_weights
from evidence_bench.models.randomness import keyed_generator

FEWEST_ROUNDS = 3  # below that a spread says nothing
ROUNDS = 5  # cells take turns, so that a busy moment falls on all of them and not on one
MOST_RUNS = 10  # of a cell in one round
ENOUGH_SECONDS = 0.01  # of a cell in one round


@dataclass(frozen=True)
class Timing:
    """Seconds of one estimate of all points (median over ``runs``), its standard error, and peak bytes.

    A run is here the median of the calls of one round, because the calls of a round are not independent;
    ``rounds`` holds the seconds of each. ``device_seconds`` is the median between the GPU's own events, None
    on a CPU.
    """

    seconds: float
    seconds_stderr: float
    runs: int
    peak_bytes: int
    device_seconds: float | None = None
    rounds: tuple[float, ...] = ()

    @staticmethod
    def of(times: list[float], peak: int, on_device: list[float] | None = None) -> Timing:
        """Median, with the standard error that the median absolute deviation gives."""
        seconds, stderr = float(np.median(times)), float(median_stderr(times))
        device_seconds = float(np.median(on_device)) if on_device else None
        return Timing(seconds, stderr, len(times), peak, device_seconds, tuple(times))


class Stopwatch:
    """Times one cell, a little in each round; its first round also warms up and measures memory."""

    def __init__(self, subject: Subject, estimator: Estimator, k: int, memory: int) -> None:
        self._arguments = (subject, estimator, k, memory)
        self._device = subject.x.device
        self._generator = keyed_generator(("timing",), self._device)
        self._times: list[float] = []  # the median of each round
        self._on_device: list[float] = []
        self._peak = 0

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return len(self._times)

    def round(self) -> None:
        """At least one run, and more until 0.01 s are spent, after one that is not counted."""
        with torch.no_grad():
            self._once()
            if not self._times:
                self._peak = peak_bytes(self._once, self._device)
            calls: list[tuple[float, float]] = []
            while not calls or (sum(wall for wall, _ in calls) < ENOUGH_SECONDS and len(calls) < MOST_RUNS):
                calls.append(self._call())
            wall, on_device = np.median(calls, axis=0)
            self._times.append(float(wall))
            if self._device.type == "cuda":
                self._on_device.append(float(on_device))

    def timing(self) -> Timing:
        """What the rounds so far say."""
        return Timing.of(self._times, self._peak, self._on_device)

    def _once(self) -> Tensor:
        return estimate(*self._arguments, self._generator)

    def _call(self) -> tuple[float, float]:
        """Seconds of one call by the clock and between two events of the device, which is idle before."""
        if self._device.type != "cuda":
            start = time.perf_counter()
            self._once()
            return time.perf_counter() - start, 0.0
        with torch.cuda.device(self._device):
            events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]  # type: ignore[no-untyped-call]
            torch.cuda.synchronize()
            start = time.perf_counter()
            events[0].record()
            self._once()
            events[1].record()
            torch.cuda.synchronize()
            return time.perf_counter() - start, float(events[0].elapsed_time(events[1])) / 1000


def estimate(
    subject: Subject, estimator: Estimator, k: int, memory: int, generator: torch.Generator
) -> Tensor:
    """One estimate [B] of every point, chunked over points and, for iid samplers, over draws."""
    stream = stream_log_weights(estimator.sampler, subject.model, subject.x, k, generator, memory)
    return torch.cat([estimator.reducer(log_w) for log_w in stream])
