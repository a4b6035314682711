"""The run folder: one JSON and one array file a finished cell, whose existence means done.

    config.json  provenance.json  status.json        what was asked, by what, and how far it came
    cells/SLUG.json + SLUG.npz                        a finished cell; never rewritten
    cells/SLUG.timing.json                            its time and memory, measured alone
    units/SLUG.json                                   latent units of a model, where the study asks for them
    results.parquet  points.parquet  slopes.parquet   derived from the cells, made anew each time; CSV too
    report.html  README.txt                           the last says what each file and array holds

Every file is written under a temporary name and then renamed. Does not import torch.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from benchmarks.schema import RESULT_SCHEMA_VERSION
from benchmarks.settings import Cell, Settings
from models.errors import BenchError
from models.files import writing

FACTS = {"expansion", "bias_order", "moments_exact", "evaluations"}
ARRAYS = {"estimates", "reference", "reference_stderr", "reference_degrees", "x_group"}
ARRAYS |= {"ess", "max_weight", "khat", "khat_halves", "c2", "c2_halves", "c3"}
TIMES = {"seconds", "seconds_stderr", "peak_bytes", "device_seconds"}


class BadRunFolder(BenchError):
    """A run folder that cannot be written or read."""


class OtherVersion(BenchError):
    """A run folder of another version of the bench: its arrays have another meaning."""


@dataclass(frozen=True)
class StoredCell:
    """A finished cell as it lies on disk: plain facts, arrays by name, and its timing where there is one."""

    cell: Cell
    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]
    timing: dict[str, Any] | None


@dataclass(frozen=True)
class RunFolder:
    """A run on disk; all reading and writing of it goes through here."""

    path: Path

    @property
    def cells(self) -> Path:
        """Where the cells are."""
        return self.path / "cells"

    def create(self) -> None:
        """Make the folder; a sentence where that cannot be done."""
        try:
            self.cells.mkdir(parents=True, exist_ok=True)
            with writing(self.path / ".writable") as file:
                file.write(b"")
            (self.path / ".writable").unlink()
        except OSError as error:
            raise BadRunFolder(
                f"The run folder '{self.path}' cannot be written ({error.strerror}); "
                "choose another with --output."
            ) from error

    @property
    def used(self) -> bool:
        """Whether a run was already started here."""
        return (self.path / "config.json").exists()

    @property
    def foreign(self) -> bool:
        """Whether there is something else here."""
        return not self.used and self.path.is_dir() and any(self.path.iterdir())

    def settings(self) -> Settings:
        """The settings that this run was started with."""
        config = self.read_json("config.json")
        try:
            return Settings.from_json(config)
        except (TypeError, AttributeError) as error:
            raise BadRunFolder(
                f"'{self.path / 'config.json'}' is not the configuration of a run; choose another --output."
            ) from error

    def read_json(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder."""
        try:
            data: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadRunFolder(
                f"'{self.path / name}' cannot be read ({error}); is it a run folder?"
            ) from error
        if not isinstance(data, dict):
            raise BadRunFolder(f"'{self.path / name}' holds no object; is it a run folder?")
        return data

    def write_json(self, name: str, data: dict[str, Any]) -> None:
        """A JSON file of the folder, readable by people."""
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        with writing(self.path / name) as file:
            file.write(text.encode())

    def write(self, name: str, writer: Callable[[BinaryIO], object]) -> None:
        """Any other file, by a function that writes to an open binary file."""
        with writing(self.path / name) as file:
            writer(file)

    def finished(self, cell: Cell) -> bool:
        """Whether the cell was measured; its JSON file is written last."""
        return (self.cells / f"{slug(cell)}.json").exists()

    def timed(self, cell: Cell) -> bool:
        """Whether the cell was timed."""
        return (self.cells / f"{slug(cell)}.timing.json").exists()

    def save_cell(self, cell: Cell, facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """The arrays, then the facts: a folder cut short in between holds no half cell."""
        name, kept = slug(cell), cast(dict[str, Any], arrays)
        self.write(f"cells/{name}.npz", lambda file: np.savez(file, **kept))
        version = {"result_schema_version": RESULT_SCHEMA_VERSION}
        self.write_json(f"cells/{name}.json", asdict(cell) | version | facts)

    def save_timing(self, cell: Cell, timing: dict[str, Any]) -> None:
        """Time and memory of a cell."""
        self.write_json(f"cells/{slug(cell)}.timing.json", timing)

    def has_units(self, model: str) -> bool:
        """Whether the latent units of a model were measured."""
        return self._units(model).exists()

    def save_units(self, model: str, units: dict[str, Any]) -> None:
        """Activity and KL of the latent units of a model."""
        self._units(model).parent.mkdir(exist_ok=True)
        self.write_json(str(self._units(model).relative_to(self.path)), {"model": model} | units)

    def units(self, model: str) -> dict[str, Any]:
        """What ``save_units`` kept; empty where there is none."""
        return self.read_json(str(self._units(model).relative_to(self.path))) if self.has_units(model) else {}

    def _units(self, model: str) -> Path:
        return self.path / "units" / f"{_file_name(model, (model,))}.json"

    def load_cell(self, cell: Cell) -> StoredCell:
        """A finished cell."""
        name = slug(cell)
        facts = self.read_json(f"cells/{name}.json")
        self._check_version(facts)
        try:
            with (
                (self.cells / f"{name}.npz").open("rb") as raw,
                np.load(raw, allow_pickle=False) as file,
            ):
                arrays = {key: file[key] for key in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise BadRunFolder(f"'{name}.npz' cannot be read ({error}); use --resume.") from error
        timing = self.read_json(f"cells/{name}.timing.json") if self.timed(cell) else None
        if not (set(facts) >= FACTS and set(arrays) >= ARRAYS and (timing is None or set(timing) >= TIMES)):
            raise BadRunFolder(f"'{self.cells / name}' lacks a part of its cell; use --resume.")
        return StoredCell(cell, facts, arrays, timing)

    def _check_version(self, facts: dict[str, Any]) -> None:
        """Raises OtherVersion for a whole cell whose arrays are not those of this version."""
        version = facts.get("result_schema_version", 1)
        if set(facts) >= FACTS and version != RESULT_SCHEMA_VERSION:
            raise OtherVersion(
                f"'{self.path}' was measured by another version of the bench (its cells have version "
                f"{version}, this one reads {RESULT_SCHEMA_VERSION}); measure again with another --output."
            )

    def discard_unreadable(self, cells: Iterable[Cell]) -> list[Cell]:
        """Take the cells that cannot be read off the finished ones, so that they are measured again."""
        broken = []
        for cell in cells:
            if not self.finished(cell):
                continue
            try:
                self.load_cell(cell)
            except BadRunFolder:
                broken.append(cell)
                for suffix in (".json", ".npz", ".timing.json"):
                    (self.cells / f"{slug(cell)}{suffix}").unlink(missing_ok=True)
        return broken


def slug(cell: Cell) -> str:
    """A file name for a cell: readable, and with a hash so that no two cells share one."""
    exact = (cell.model, cell.estimator, cell.k)
    return _file_name(f"{cell.model}--{cell.estimator}--k{cell.k}", exact)


def _file_name(readable: str, exact: tuple[object, ...]) -> str:
    plain = re.sub(r"[^a-z0-9.]+", "-", readable.lower())
    return f"{plain[:80]}-{hashlib.sha256(repr(exact).encode()).hexdigest()[:8]}"
