"""Time and memory of one estimate of all the data points, measured alone.

The work is what a user would do: one call of the sampler with an ordinary generator, in chunks where the
memory budget asks for it, then the reducer. On a GPU the clock is read after synchronising.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.memory import peak_bytes
from benchmarks.subject import Subject
from estimators.base import Estimator
from estimators.streaming import stream_log_weights
from models.randomness import keyed_generator

FEWEST_RUNS = 5
MOST_RUNS = 50
ENOUGH_SECONDS = 0.05
_MAD_TO_SD = 1.4826
_MEDIAN_TO_MEAN = 1.2533  # standard error of a median over that of a mean, for a normal law


@dataclass(frozen=True)
class Timing:
    """Seconds of one estimate of all points (median of ``runs``), its standard error, and peak bytes."""

    seconds: float
    seconds_stderr: float
    runs: int
    peak_bytes: int

    @staticmethod
    def of(times: list[float], peak: int) -> Timing:
        """Median, with the standard error that the median absolute deviation gives."""
        array = np.asarray(times)
        spread = float(np.median(np.abs(array - np.median(array))))
        stderr = _MEDIAN_TO_MEAN * _MAD_TO_SD * spread / len(array) ** 0.5
        return Timing(float(np.median(array)), stderr, len(array), peak)


def measure_time(subject: Subject, estimator: Estimator, k: int, memory: int) -> Timing:
    """Warm up once, measure memory once, then time at least 5 runs and until 0.05 s are spent."""
    generator = keyed_generator(("timing",), subject.x.device)

    def once() -> Tensor:
        return estimate(subject, estimator, k, memory, generator)

    with torch.no_grad():
        once()
        peak = peak_bytes(once, subject.x.device)
        times: list[float] = []
        while len(times) < FEWEST_RUNS or (sum(times) < ENOUGH_SECONDS and len(times) < MOST_RUNS):
            times.append(_seconds(once, subject.x.device))
    return Timing.of(times, peak)


def estimate(
    subject: Subject, estimator: Estimator, k: int, memory: int, generator: torch.Generator
) -> Tensor:
    """One estimate [B] of every point, chunked over points and, for iid samplers, over draws."""
    stream = stream_log_weights(estimator.sampler, subject.model, subject.x, k, generator, memory)
    return torch.cat([estimator.reducer(log_w) for log_w in stream])


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    _synchronise(device)
    start = time.perf_counter()
    work()
    _synchronise(device)
    return time.perf_counter() - start


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
