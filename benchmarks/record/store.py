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
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from evidence_bench.benchmarks.record.cell_files import (
    BadRunFolder,
    check_arrays,
    check_facts,
    check_same_run,
    check_timing,
    check_units,
)
from evidence_bench.benchmarks.record.configuration import read_settings
from evidence_bench.benchmarks.record.schema import RESULT_SCHEMA_VERSION
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.models.door import read_json
from evidence_bench.models.files import cannot_write, create, writing
from evidence_bench.models.taken import LOCK

CONFIG = "config.json"
_REMEDY = "give the folder of a run, or restore it"
_CELL = (".json", ".npz", ".timing.json")  # the first is there last, and goes first


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

    @property
    def used(self) -> bool:
        """Whether a run was already started here."""
        return (self.path / CONFIG).exists()

    @property
    def foreign(self) -> bool:
        """Whether there is something else here."""
        if self.used or not self.path.exists():
            return False
        return not self.path.is_dir() or any(entry.name != LOCK for entry in self.path.iterdir())

    def claim(self, config: dict[str, Any]) -> bool:
        """Write config.json, which makes the folder a run's: whether that is ours, and not another."""
        return create(self.path / CONFIG, _as_bytes(config))

    @cached_property
    def settings(self) -> Settings:
        """The settings that this run was started with; BadRunFolder or OtherVersion where there are none."""
        return read_settings(self.path / CONFIG)

    def read_json(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder."""
        data = read_json(self.path / name, _REMEDY, BadRunFolder)
        if not isinstance(data, dict):
            raise BadRunFolder(f"'{self.path / name}' holds no object; {_REMEDY}.")
        return data

    def write_json(self, name: str, data: dict[str, Any]) -> None:
        """A JSON file of the folder, readable by people."""
        with writing(self.path / name) as file:
            file.write(_as_bytes(data))

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

    def save_cell(self, cell: Cell, facts: dict[str, Any], arrays: dict[str, np.ndarray], code: str) -> None:
        """The arrays, then the facts: a folder cut short in between holds no half cell.

        ``code`` is a hash of the code that measured it.
        """
        name, kept = slug(cell), cast(dict[str, Any], arrays)
        _make(self.cells)
        self.write(f"cells/{name}.npz", lambda file: np.savez(file, **kept))
        rests_on = {"settings": self.settings.deciding(), "code": code}
        version = {"result_schema_version": RESULT_SCHEMA_VERSION}
        self.write_json(f"cells/{name}.json", asdict(cell) | version | rests_on | facts)

    def save_timing(self, cell: Cell, timing: dict[str, Any]) -> None:
        """Time and memory of a cell."""
        self.write_json(f"cells/{slug(cell)}.timing.json", timing)

    def has_units(self, model: str) -> bool:
        """Whether the latent units of a model were measured."""
        return self._units(model).exists()

    def save_units(self, model: str, units: dict[str, Any]) -> None:
        """Activity and KL of the latent units of a model."""
        _make(self._units(model).parent)
        self.write_json(str(self._units(model).relative_to(self.path)), {"model": model} | units)

    def units(self, model: str) -> dict[str, Any]:
        """What ``save_units`` kept; empty where there is none."""
        if not self.has_units(model):
            return {}
        units = self.read_json(str(self._units(model).relative_to(self.path)))
        check_units(units, self._units(model))
        return units

    def _units(self, model: str) -> Path:
        return self.path / "units" / f"{_file_name(model, (model,))}.json"

    def facts(self, name: str) -> dict[str, Any]:
        """The facts of the cell whose files have that name."""
        facts = self.read_json(f"cells/{name}.json")
        check_facts(facts, self.cells / f"{name}.json")
        return facts

    def timing(self, name: str) -> dict[str, Any]:
        """The timing of the cell whose files have that name."""
        timing = self.read_json(f"cells/{name}.timing.json")
        check_timing(timing, self.cells / f"{name}.timing.json")
        return timing

    def load_cell(self, cell: Cell) -> StoredCell:
        """A finished cell; BadRunFolder where it is damaged, OtherRun where it belongs to another run."""
        name, settings = slug(cell), self.settings
        facts = self.facts(name)
        check_same_run(facts, settings.deciding(), self.cells / f"{name}.json")
        arrays = _arrays(self.cells / f"{name}.npz")
        check_arrays(arrays, settings.replicates, self.cells / f"{name}.npz")
        return StoredCell(cell, facts, arrays, self.timing(name) if self.timed(cell) else None)

    def discard(self, cell: Cell) -> None:
        """Take a cell off the finished ones, so that it is measured again."""
        for suffix in _CELL:
            (self.cells / f"{slug(cell)}{suffix}").unlink(missing_ok=True)

    def discard_units(self, model: str) -> None:
        """The same for a model's latent units."""
        self._units(model).unlink(missing_ok=True)

    def discard_unreadable(self, cells: Iterable[Cell]) -> list[Cell]:
        """Discard the cells that are damaged."""
        broken = []
        for cell in filter(self.finished, cells):
            try:
                self.load_cell(cell)
            except BadRunFolder:
                broken.append(cell)
                self.discard(cell)
        return broken


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a cell; nothing in the file is unpickled."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except Exception as error:  # numpy, zipfile and zlib have errors of their own
        raise BadRunFolder(f"'{path}' cannot be read ({error}); use --resume.") from error


def _as_bytes(data: dict[str, Any]) -> bytes:
    """JSON for people, in UTF-8; what is no text, as in a path of other bytes, is escaped."""
    try:
        return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(data, indent=1) + "\n").encode()


def slug(cell: Cell) -> str:
    """A file name for a cell: readable, and with a hash so that no two cells share one."""
    exact = (cell.model, cell.estimator, cell.k)
    return _file_name(f"{cell.model}--{cell.estimator}--k{cell.k}", exact)


def _file_name(readable: str, exact: tuple[object, ...]) -> str:
    plain = re.sub(r"[^a-z0-9.]+", "-", readable.lower())
    return f"{plain[:80]}-{hashlib.sha256(repr(exact).encode()).hexdigest()[:8]}"
