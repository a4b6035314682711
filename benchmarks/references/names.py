"""Data points by the bytes they are made of: what references are kept by."""

from __future__ import annotations

import hashlib

from torch import Tensor


def name_of(row: Tensor) -> str:
    """The hash of a data point."""
    return _shortened(row.detach().cpu().contiguous().numpy().tobytes())


def name_with(name: str, z: Tensor) -> str:
    """The hash of a data point, known by its name, and its latents."""
    return _shortened((name + name_of(z)).encode())


def _shortened(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
