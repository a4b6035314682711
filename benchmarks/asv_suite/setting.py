"""What every benchmark here is run on; kept while the process lives: setup runs before each call."""

from __future__ import annotations

import functools
from typing import Any

import torch

from models.catalogue import build_model

DEVICES = ["cpu", "cuda"]
CPU_THREADS = 2


def require(device: str) -> None:
    """Fix the threads; NotImplementedError, which is shown as n/a, where the device is missing."""
    torch.set_num_threads(CPU_THREADS)
    if device == "cuda" and not torch.cuda.is_available():
        raise NotImplementedError("there is no CUDA device here")


@functools.cache
def subject(name: str, points: int, device: str) -> tuple[Any, torch.Tensor]:
    """A model with its own data points on the device."""
    model: Any = build_model(name)[1]
    return model, model.data(points).to(device)


@functools.cache
def weights(rows: int, k: int, device: str) -> torch.Tensor:
    """Log weights [rows, k], normal with variance 1, in float64."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(rows, k, generator=generator, dtype=torch.float64).to(device)
