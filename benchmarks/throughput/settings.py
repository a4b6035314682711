"""What a speed run is asked for, and how much time it gives to each of its parts. Does not import torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MODEL = "untrained-vae"


@dataclass(frozen=True)
class Effort:
    """Seconds and rounds of each part; a part runs at least ``fewest`` rounds whatever they take."""

    main_seconds: float
    deep_seconds: float
    growth_seconds: float
    fewest: int
    most: int
    fewest_of_growth: int
    samples: int
    deep_samples: int
    samples_grid: tuple[int, ...]
    points_grid: tuple[int, ...]
    latents_grid: tuple[int, ...]


FULL = Effort(
    main_seconds=60,
    deep_seconds=40,
    growth_seconds=60,
    fewest=11,
    most=41,
    fewest_of_growth=5,
    samples=5000,
    deep_samples=2000,
    samples_grid=(10, 100, 1000, 10_000, 30_000, 100_000, 300_000, 1_000_000),
    points_grid=(1, 3, 10, 30, 100, 300),
    latents_grid=(5, 10, 20, 50, 100, 200, 500),
)
QUICK = Effort(
    main_seconds=4,
    deep_seconds=1,
    growth_seconds=3,
    fewest=6,
    most=15,
    fewest_of_growth=2,
    samples=2000,
    deep_samples=500,
    samples_grid=(10, 100, 1000, 10_000, 100_000, 1_000_000),
    points_grid=(1, 8, 64),
    latents_grid=(10, 50, 200),
)


@dataclass(frozen=True)
class SpeedSettings:
    """B data points, K samples, and where it runs; ``threads`` None leaves torch's own number.

    ``largest`` cuts the grid of K over which growth is measured.
    """

    points: int
    samples: int
    deep_samples: int
    device: str
    threads: int | None
    quick: bool
    largest: int = 1_000_000

    @property
    def effort(self) -> Effort:
        """The time that each part gets."""
        return QUICK if self.quick else FULL

    @property
    def samples_grid(self) -> tuple[int, ...]:
        """The K over which growth is measured, up to ``largest``."""
        return tuple(k for k in self.effort.samples_grid if k <= self.largest)

    def to_json(self) -> dict[str, Any]:
        """As plain data, for config.json."""
        models = [MODEL, f"{MODEL}[layers=2]"]
        return {"study": "speed", "models": models, "dtype": "float32"} | asdict(self)
