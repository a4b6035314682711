"""What every benchmark here is run on; kept while the process lives: setup runs before each call."""

from __future__ import annotations

import functools
import os
from typing import Any

import torch
from torch.utils.benchmark import timer

from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import UnknownName

DEVICES = ["cpu", "cuda"]
CPU_THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))  # asv.conf.json sets it; asv records it


class Timed:
    """How a timed benchmark is sampled: 4 processes of 5 to 20 calls each, so 20 to 80 samples a side.

    asv calls a change significant at p < .002 by a rank test, which fewer than 8 samples a side can never
    reach. Several processes, because the speed of one differs from the next (where its memory lies, what
    else the machine does) by more than its own calls do.
    """

    timer = staticmethod(timer)  # synchronises a GPU
    rounds = 4
    repeat = (5, 20, 2.0)
    warmup_time = 0.2
    version = "2"


def require(device: str) -> None:
    """Fix the threads; NotImplementedError, which is shown as n/a, where the device is missing."""
    torch.set_num_threads(CPU_THREADS)
    if device == "cuda" and not torch.cuda.is_available():
        raise NotImplementedError("there is no CUDA device here")


@functools.cache
def model_of(name: str) -> Any:
    """A model by name; n/a in a commit that does not have it."""
    try:
        return build_model(name)[1]
    except UnknownName as error:
        raise NotImplementedError(str(error)) from error


@functools.cache
def subject(name: str, points: int, device: str) -> tuple[Any, torch.Tensor]:
    """A model with its own data points on the device."""
    model = model_of(name)
    return model, model.data(points).to(device)


@functools.cache
def weights(rows: int, k: int, device: str) -> torch.Tensor:
    """Log weights [rows, k], normal with variance 1, in float64."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(rows, k, generator=generator, dtype=torch.float64).to(device)
