"""References kept on disk, by what decides them: the model, the method, the data point."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from torch import Tensor

from evidence_bench.benchmarks.command.headway import report
from evidence_bench.benchmarks.command.running import say
from evidence_bench.benchmarks.references.content import Opaque, behaviour, content_of
from evidence_bench.models.base import Model
from evidence_bench.models.errors import BenchError
from evidence_bench.models.files import expanded, replace
from evidence_bench.models.vaes.card import declared_facts

ENVIRONMENT = "EVIDENCE_BENCH_CACHE"
FEWEST = 4  # figures kept of a point: value, standard error, diagnostic, evaluations, and what a method adds
VERSION = 5  # raised when the same method gives other numbers

_said: set[str] = set()


class Kept:
    """Values by the name of a data point, in one JSON file; in memory alone where ``path`` is None.

    ``behaviour(i)`` is added to the name of point i where the model's hash alone might not tell all.
    """

    def __init__(self, path: Path | None, behaviour: Callable[[int], str] | None = None) -> None:
        self.path = path
        self._behaviour = behaviour
        self._values: dict[str, list[float]] = _read(path) if path else {}

    @staticmethod
    def of(model: Model, x: Tensor, method: Mapping[str, Any]) -> Kept:
        """The file of this model and method; none where nothing tells one model from another, or nowhere to.

        A checkpoint is known by its hash, any other model by its code and content.
        """
        digest = declared_facts(model).get("checkpoint_sha256")
        known, behaviour = {"checkpoint": digest}, None
        try:
            if digest is None:
                known = {"content": content_of(model, x)}
                behaviour = partial(_behaviour_at, model, x)
            key = json.dumps({**known, "version": VERSION, **method}, sort_keys=True)
            return Kept(folder() / "references" / f"{sha256(key.encode()).hexdigest()[:32]}.json", behaviour)
        except Opaque as error:
            say_once(f"the reference of {type(model).__name__} is not kept for the next run: {error}.")
        except (BenchError, OSError, RuntimeError) as error:
            say_once(f"references are not kept for the next run: {str(error).rstrip('.')}.")
        return Kept(None)

    def completed(
        self, names: Sequence[str], at_once: int, measure: Callable[[list[int]], np.ndarray], what: str
    ) -> np.ndarray:
        """The values [B, n] of ``names``; those not yet kept are measured, so many at once, and kept.

        ``measure`` takes the places of some names and returns a row for each; equal names are one point.
        ``what`` they are, for who watches.
        """
        keys = [name + self._behaviour(i) if self._behaviour else name for i, name in enumerate(names)]
        missing = [i for i, key in enumerate(keys) if key not in self._values and keys.index(key) == i]
        for done in range(0, len(missing), at_once):
            some = missing[done : done + at_once]
            report(what, done, len(missing))
            values = measure(some).tolist()
            self.add(dict(zip((keys[i] for i in some), values, strict=True)))
        if missing:
            report(what, len(missing), len(missing))
        return np.array([self._values[key] for key in keys])

    def add(self, values: Mapping[str, list[float]]) -> None:
        """Keep these too; on disk at once, so that a stop loses little; no write ends a run."""
        self._values.update(values)
        if not self.path:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace(self.path, json.dumps({**_read(self.path), **self._values}).encode())
        except (BenchError, OSError) as error:
            say_once(f"references are not kept for the next run: {str(error).rstrip('.')}.")
            self.path = None


def _behaviour_at(model: Model, x: Tensor, i: int) -> str:
    return behaviour(model, x[i : i + 1])


def say_once(sentence: str) -> None:
    """A sentence on stderr, the first time only."""
    if sentence not in _said:
        _said.add(sentence)
        say("evidence-bench", sentence)


def folder() -> Path:
    """EVIDENCE_BENCH_CACHE, or evidence-bench in the user's cache folder."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return expanded(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evidence-bench"


def _read(path: Path) -> dict[str, list[float]]:
    """What the file holds; nothing where there is none, and nothing that is damaged: it is made again."""
    try:
        return {name: row for name, row in _decode(path.read_bytes()).items() if _whole(row)}
    except (OSError, msgspec.MsgspecError, ValueError):
        return {}


def _decode(content: bytes) -> dict[str, list[float]]:
    """k-hat may be infinite or not a number, which JSON proper cannot say."""
    return msgspec.convert(json.loads(content), dict[str, list[float]])


def _whole(row: list[float]) -> bool:
    """Four figures or more, the first two of them finite."""
    return len(row) >= FEWEST and math.isfinite(row[0]) and math.isfinite(row[1])
