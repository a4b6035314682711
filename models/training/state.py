"""What a run keeps on disk after a pass: one file, replaced as a whole, so a kill leaves the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from evidence_bench.models.door import checked, parsed
from evidence_bench.models.errors import BadData, CorruptCheckpoint
from evidence_bench.models.files import replace
from evidence_bench.models.training.progress import Point
from evidence_bench.models.training.run import Run, Tensors
from evidence_bench.models.vaes.checkpoint import sha256

FILE = "state.safetensors"


def save(folder: Path, run: Run, recipe: Mapping[str, Any], data_sha256: str = "") -> None:
    """Write weights, optimiser, best weights, curve, recipe and what it was made with to ``folder``."""
    tensors = {name: value.cpu().contiguous() for name, value in run.tensors().items()}
    made_with = {"torch": torch.__version__, "data_sha256": data_sha256}
    curve = [asdict(point) for point in run.curve]
    told = json.dumps({"recipe": recipe, "curve": curve, "made_with": made_with})
    replace(folder / FILE, safetensors.torch.save(tensors, {"state": told, "sha256": _digest(tensors, told)}))


class Told(TypedDict):
    """What stands beside the tensors."""

    recipe: dict[str, Any]
    curve: list[Point]
    made_with: dict[str, str]


def load(folder: Path) -> tuple[Tensors, list[Point], dict[str, Any]]:
    """Tensors, curve and recipe; CorruptCheckpoint where there is no state or not the one written."""
    path = folder / FILE
    if not path.is_file():
        raise CorruptCheckpoint(
            f"There is no '{path}' to go on from; give the folder of a run that finished a pass."
        )
    try:
        with safe_open(path, framework="pt") as file:
            kept = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        intact = _digest(tensors, kept["state"]) == kept["sha256"]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptCheckpoint(
            f"'{path}' is no state of a training run ({error}); start the run again."
        ) from error
    if not intact:
        raise CorruptCheckpoint(
            f"The bytes of '{path}' are not those that were written; start the run again."
        )
    told = _told(kept["state"], path)
    return tensors, told["curve"], told["recipe"]


def _told(text: str, path: Path) -> Told:
    remedy = "start the run again"
    return checked(parsed(text, path, remedy, CorruptCheckpoint), Told, path, remedy, CorruptCheckpoint)


def require_same_images(folder: Path, data_sha256: str) -> str:
    """ "" or a sentence that another torch may give other bits; BadData where the images are not the same."""
    with safe_open(folder / FILE, framework="pt") as file:
        made_with = _told((file.metadata() or {})["state"], folder / FILE)["made_with"]
    if made_with.get("data_sha256", "") not in ("", data_sha256):
        raise BadData("These images are not those that the training began with; restore the original files.")
    if made_with.get("torch", torch.__version__) == torch.__version__:
        return ""
    return (
        f"begun with torch {made_with['torch']}, goes on with {torch.__version__}: not bit for bit the same"
    )


def _digest(tensors: Mapping[str, Tensor], told: str) -> str:
    """The hash of all that is written but for itself."""
    return sha256(safetensors.torch.save(dict(tensors), {"state": told}))
