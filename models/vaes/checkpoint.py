"""Checkpoints: a safetensors file and, beside it, a JSON card that holds its hash. Nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from evidence_bench.models.errors import BadTraining, CorruptCheckpoint
from evidence_bench.models.files import expanded, replace
from evidence_bench.models.vaes.card import Card, read_card
from evidence_bench.models.vaes.checkpoint_names import SHIPPED

__all__ = ["SHIPPED", "Card", "find", "load", "save", "sha256", "stored"]


def find(name: str) -> Path:
    """The .safetensors file of a shipped checkpoint's name, or ``name`` as a path."""
    shipped = SHIPPED / f"{name}.safetensors"
    return shipped if shipped.is_file() else expanded(name)


def sha256(data: bytes) -> str:
    """The hash in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def stored(tensors: Mapping[str, Tensor], half: bool) -> dict[str, Tensor]:
    """The tensors, or with ``half`` rounded to float16; BadTraining where one is too large for that."""
    if not half:
        return dict(tensors)
    rounded = {name: t.half() if t.is_floating_point() else t for name, t in tensors.items()}
    far = [name for name, t in rounded.items() if not t.isfinite().all()]
    if far:
        raise BadTraining(f"The weights {far[0]} do not fit into float16; leave out --half.")
    return rounded


def save(path: Path, tensors: Mapping[str, Tensor], card: Mapping[str, Any]) -> None:
    """Write ``path`` (.safetensors) and its card (.json), to which the hash of the tensors is added."""
    data = safetensors.torch.save({name: t.detach().cpu().contiguous() for name, t in tensors.items()})
    text = json.dumps({**card, "sha256": sha256(data)}, indent=2)
    replace(path, data)
    replace(path.with_suffix(".json"), f"{text}\n".encode())


def load(path: Path) -> tuple[dict[str, Tensor], Card]:
    """The tensors and the card; CorruptCheckpoint where the bytes are not those that the card describes."""
    if not path.is_file():
        shipped = ", ".join(sorted(one.stem for one in SHIPPED.glob("*.safetensors")))
        raise CorruptCheckpoint(
            f"There is no checkpoint '{path}'; give the path of a .safetensors file, or one of {shipped}."
        )
    card = read_card(path.with_suffix(".json"))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorruptCheckpoint(
            f"The checkpoint '{path}' cannot be read ({error.strerror}); "
            "give the path of a .safetensors file."
        ) from error
    if sha256(data) != card.get("sha256"):
        raise CorruptCheckpoint(
            f"The bytes of '{path}' are not those that its card describes (sha256 differs); "
            "restore both files, or train again with python -m models.train."
        )
    try:
        return safetensors.torch.load(data), card
    except SafetensorError as error:
        raise CorruptCheckpoint(
            f"'{path}' is no safetensors file ({error}); train again with python -m models.train."
        ) from error
