"""Works timed in turn, round after round, so that what disturbs the machine meets them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

Work = Callable[[], object]


@dataclass(frozen=True)
class Times:
    """Seconds a round: ``wall`` by the clock, ``device`` by events (empty where the device is the CPU)."""

    wall: dict[str, list[float]]
    device: dict[str, list[float]]

    @property
    def rounds(self) -> int:
        """How many rounds were timed."""
        return len(next(iter(self.wall.values()), []))


def interleaved(
    works: Mapping[str, Work],
    device: torch.device,
    *,
    seconds: float,
    fewest: int,
    most: int,
    repeats: Mapping[str, int] | None = None,
) -> Times:
    """One round untimed, then ``fewest`` to ``most`` rounds, as many as take about ``seconds``.

    A round runs every work once (``repeats`` times where given, and divides), beginning with another one
    each round. Their number is fixed after the first round, before any time is kept.
    """
    names, repeats = list(works), repeats or {}
    start = time.perf_counter()
    for name in names:
        _clocked(works[name], device, repeats.get(name, 1))
    warm = max(time.perf_counter() - start, 1e-9)
    rounds = max(fewest, min(most, int(seconds / warm)))
    times = Times({name: [] for name in names}, {name: [] for name in names if device.type == "cuda"})
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            wall, on_device = _clocked(works[name], device, repeats.get(name, 1))
            times.wall[name].append(wall)
            if on_device is not None:
                times.device[name].append(on_device)
    return times


def _clocked(work: Work, device: torch.device, repeats: int) -> tuple[float, float | None]:
    """(seconds by the clock, seconds on the device or None), each for one of ``repeats`` runs."""
    if device.type != "cuda":
        start = time.perf_counter()
        for _ in range(repeats):
            work()
        return (time.perf_counter() - start) / repeats, None
    with torch.cuda.device(device):
        event: Any = torch.cuda.Event
        first, last = event(enable_timing=True), event(enable_timing=True)
        torch.cuda.synchronize()
        start = time.perf_counter()
        first.record()
        for _ in range(repeats):
            work()
        last.record()
        last.synchronize()
        wall = time.perf_counter() - start
        return wall / repeats, first.elapsed_time(last) / 1000 / repeats
