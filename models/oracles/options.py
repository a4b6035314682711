"""What the oracles share: checks of their options, the device of a generator."""

from __future__ import annotations

import math

import torch

from evidence_bench.models.errors import BadOption
from evidence_bench.models.randomness import Generator, KeyedDraws, KeyedReplicates

MOST = 1e100  # its square is a number too
MOST_COUNT = 10_000
MOST_TEMPER = 1e6  # of the power that flattens or sharpens a posterior


def require_within(model: str, least: float, most: float, **options: float) -> None:
    """Each option is a number from ``least``, and above 0, to ``most``, else BadOption."""
    for name, value in options.items():
        if not (math.isfinite(value) and value > 0):
            raise BadOption(f"'{model}': option '{name}' must be a finite number above 0, not {value}.")
        if not least <= value <= most:
            bounds = f"at least {least:g} and at most {most:g}" if least > 0 else f"at most {most:g}"
            raise BadOption(f"'{model}': option '{name}' must be {bounds}, not {value}.")


def require_positive(model: str, **options: float) -> None:
    """Each option is a number above zero whose square is one, else BadOption."""
    require_within(model, 0, MOST, **options)


def require_counts(model: str, most: int = MOST_COUNT, **options: int) -> None:
    """Each option is a whole number from 1 that memory can hold so many numbers of, else BadOption."""
    require_within(model, 1, most, **options)


def require_finite(model: str, **options: float) -> None:
    """Each option is a number whose square is one, else BadOption."""
    for name, value in options.items():
        if not math.isfinite(value):
            raise BadOption(f"'{model}': option '{name}' must be a finite number, not {value}.")
        if abs(value) > MOST:
            raise BadOption(
                f"'{model}': option '{name}' must lie between -{MOST:g} and {MOST:g}, not {value}."
            )


def require_seed(model: str, seed: int) -> None:
    """A seed that torch takes, else BadOption."""
    if seed < 0:
        raise BadOption(f"'{model}': option 'seed' must not be negative, not {seed}.")
    if seed >= 2**63:
        raise BadOption(f"'{model}': option 'seed' must be below 2^63, not {seed}.")


def device_of(generator: Generator) -> torch.device:
    """Where the generator makes its numbers, and so where simulated data live."""
    if isinstance(generator, KeyedDraws | KeyedReplicates):
        return generator.generators[0].device
    return generator.device
