"""What a run keeps on disk after a pass: one file, replaced as a whole, so a kill leaves the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from models.checkpoint import replace, sha256
from models.errors import CorruptCheckpoint
from models.training.progress import Point
from models.training.run import Run, Tensors

FILE = "state.safetensors"


def save(folder: Path, run: Run, recipe: Mapping[str, Any]) -> None:
    """Write weights, optimiser, best weights, curve and recipe to ``folder``."""
    tensors = {name: value.cpu().contiguous() for name, value in run.tensors().items()}
    told = json.dumps({"recipe": recipe, "curve": [asdict(point) for point in run.curve]})
    replace(folder / FILE, safetensors.torch.save(tensors, {"state": told, "sha256": _digest(tensors, told)}))


def load(folder: Path) -> tuple[Tensors, list[Point], dict[str, Any]]:
    """Tensors, curve and recipe; CorruptCheckpoint where there is no state or not the one written."""
    path = folder / FILE
    if not path.is_file():
        raise CorruptCheckpoint(
            f"There is no '{path}' to resume from; give the folder of a run that finished a pass, or leave "
            "out --resume to start one."
        )
    try:
        with safe_open(path, framework="pt") as file:
            kept = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        intact = _digest(tensors, kept["state"]) == kept["sha256"]
        told = json.loads(kept["state"]) if intact else {"curve": []}
        curve = [Point(**point) for point in told["curve"]]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptCheckpoint(
            f"'{path}' is no state of a training run ({error}); start the run again."
        ) from error
    if not intact:
        raise CorruptCheckpoint(
            f"The bytes of '{path}' are not those that were written; start the run again."
        )
    return tensors, curve, told["recipe"]


def _digest(tensors: Mapping[str, Tensor], told: str) -> str:
    """The hash of all that is written but for itself."""
    return sha256(safetensors.torch.save(dict(tensors), {"state": told}))
