"""The form of speed.json, held against a file before a page is made of it."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]
Bytes = Annotated[int, Meta(ge=0)] | None


class IntervalForm(TypedDict):
    """A median with its interval."""

    value: float
    low: float
    high: float
    coverage: float


class ContenderForm(TypedDict):
    """One piece of code that was timed."""

    name: str
    about: str
    role: str
    headline: bool
    difference_nats: float | None
    seconds: IntervalForm
    evaluations_per_second: Positive
    share: IntervalForm
    times_ours: IntervalForm
    wall_rounds: list[Positive]
    peak_bytes: Bytes


class SettingForm(TypedDict):
    """All contenders on one model."""

    name: str
    layers: Count
    latents: list[Count]
    points: Count
    samples: Count
    form: str
    rounds: Count
    accuracy_nats: float
    contenders: Annotated[list[ContenderForm], Meta(min_length=1)]
    absent: dict[str, str]


class SizeForm(TypedDict):
    """One size of what grows."""

    size: Count
    points: Count
    samples: Count
    latents: Count
    seconds: IntervalForm
    wall_rounds: list[Positive]
    peak_bytes: Bytes


class ExponentForm(TypedDict):
    """A fitted power law."""

    value: float
    stderr: float | None
    low: float | None
    high: float | None
    intercept: float
    first: Positive
    last: Positive


class GrowthForm(TypedDict):
    """What one axis costs."""

    sizes: Annotated[list[SizeForm], Meta(min_length=1)]
    time_exponent: ExponentForm | None
    memory_exponent: ExponentForm | None


class SpeedForm(TypedDict):
    """All of it."""

    speed_schema_version: int
    quick: bool
    threads: Count
    device: str
    settings: Annotated[list[SettingForm], Meta(min_length=1)]
    growth: dict[str, GrowthForm]
    headline: dict[str, Any]
