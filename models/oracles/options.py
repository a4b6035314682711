"""What the oracles share: checks of their options, the device of a generator."""

from __future__ import annotations

import math

import torch

from models.errors import BadOption
from models.randomness import Generator, KeyedDraws, KeyedReplicates


def require_positive(model: str, **options: float) -> None:
    """Each option is a finite number above zero, else BadOption."""
    for name, value in options.items():
        if not (math.isfinite(value) and value > 0):
            raise BadOption(f"'{model}': option '{name}' must be a finite number above 0, not {value}.")


def require_finite(model: str, **options: float) -> None:
    """Each option is a finite number, else BadOption."""
    for name, value in options.items():
        if not math.isfinite(value):
            raise BadOption(f"'{model}': option '{name}' must be a finite number, not {value}.")


def device_of(generator: Generator) -> torch.device:
    """Where the generator makes its numbers, and so where simulated data live."""
    if isinstance(generator, KeyedDraws | KeyedReplicates):
        return generator.generators[0].device
    return generator.device
