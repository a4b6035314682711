"""References kept on disk, by what decides them: the checkpoint's hash, the method, the data point's hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.files import expanded, replace

ENVIRONMENT = "EVIDENCE_BENCH_CACHE"
VERSION = 3  # raised when the same method gives other numbers


class Kept:
    """Values by the name of a data point, in one JSON file; in memory alone where ``path`` is None."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._values: dict[str, list[float]] = _read(path) if path else {}

    @staticmethod
    def of(model: Any, method: Mapping[str, Any]) -> Kept:
        """The file of this model and method; none for a model that does not tell its hash."""
        digest = dict(getattr(model, "provenance", None) or {}).get("checkpoint_sha256")
        if digest is None:
            return Kept(None)
        key = json.dumps({"checkpoint": digest, "version": VERSION, **method}, sort_keys=True)
        return Kept(folder() / "references" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> list[float]:
        return self._values[name]

    def completed(
        self, names: Sequence[str], at_once: int, measure: Callable[[list[int]], np.ndarray]
    ) -> np.ndarray:
        """The values [B, n] of ``names``; those not yet kept are measured, so many at once, and kept.

        ``measure`` takes the places of some names and returns a row for each.
        """
        missing = [i for i, name in enumerate(names) if name not in self]
        for some in (missing[i : i + at_once] for i in range(0, len(missing), at_once)):
            found = measure(some).tolist()
            self.add(dict(zip((names[i] for i in some), found, strict=True)))
        return np.array([self[name] for name in names])

    def add(self, values: Mapping[str, list[float]]) -> None:
        """Keep these too; on disk at once, so that a stop loses little."""
        self._values.update(values)
        if self.path:
            merged = {**_read(self.path), **self._values}
            replace(self.path, json.dumps(merged).encode())


def folder() -> Path:
    """EVIDENCE_BENCH_CACHE, or evidence-bench in the user's cache folder."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return expanded(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evidence-bench"


def _read(path: Path) -> dict[str, list[float]]:
    """What the file holds; nothing where there is none or it is damaged: it is made again."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
