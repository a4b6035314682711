"""What a run tells while it goes on: one point of its learning curve after every pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """After pass ``number``: the mean objective over the pass and on validation (nats), and all seconds."""

    number: int
    training: float
    validation: float
    seconds: float


Progress = Callable[[Point], None]


def sentence(point: Point, passes: int, seconds_a_pass: float) -> str:
    """'pass 3 of 10: training -105.120, validation -104.300 nats; 1 min 10 s left'."""
    left = (passes - point.number) * seconds_a_pass
    return (
        f"pass {point.number} of {passes}: training {point.training:.3f}, "
        f"validation {point.validation:.3f} nats; {duration(left)} left"
    )


def duration(seconds: float) -> str:
    """'1 h 5 min', '3 min 20 s' or '45 s'."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
