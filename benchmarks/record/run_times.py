"""The timed cells of two run folders, matched, and the reasons why they should not be compared.

Does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.record.cell_files import BadRunFolder, CellNames
from evidence_bench.benchmarks.record.configuration import read_earlier
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.statistics.times import FEWEST_CELLS, Comparison, Times, compare_times
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.models.door import checked
from evidence_bench.models.errors import NotApplicable

# What makes two times incomparable, by file and key, in the words of a sentence.
_MACHINE = {
    "platform": "platform",
    "cpu": "CPU",
    "cpu_capability": "CPU capability",
    "threads": "number of threads",
    "omp": "OpenMP settings",
    "device": "device",
    "device_name": "name of the device",
    "dtype": "dtype",
}
_SETTINGS = {"points": "number of data points", "memory": "memory budget"}
_ENDING = ".timing.json"


class DifferentRuns(NotApplicable):
    """Two runs whose times do not measure the same thing."""


@dataclass(frozen=True)
class ComparedRuns:
    """Cells in the order of the arrays of ``comparison``, both times, and sentences about the two runs."""

    folders: tuple[Path, Path]
    margin: float
    cells: tuple[Cell, ...]
    before: Times
    after: Times
    comparison: Comparison
    notices: tuple[str, ...]

    def count(self, change: str) -> int:
        """How many cells have the verdict."""
        return sum(one == change for one in self.comparison.changes)


def compare_runs(before: Path, after: Path, margin: float, *, force: bool = False) -> ComparedRuns:
    """Every cell that both runs timed. Raises BadRunFolder, and DifferentRuns unless ``force``."""
    a, b = RunFolder(before), RunFolder(after)
    times_a, times_b = _timed(a), _timed(b)
    differs = _differences(a, b)
    if differs and not force:
        raise DifferentRuns(
            f"The two runs differ in more than the code: {'; '.join(differs)}. "
            "Run both alike, or compare them all the same with --force."
        )
    cells = sorted(set(times_a) & set(times_b), key=lambda cell: (cell.model, cell.estimator, cell.k))
    if not cells:
        raise DifferentRuns(
            f"'{before}' and '{after}' have no timed cell in common; "
            "run the same models, estimators and samples in both."
        )
    first, second = (_times([of[cell] for cell in cells]) for of in (times_a, times_b))
    comparison = compare_times(first, second, margin)
    notices = _notices(differs, set(times_a) ^ set(times_b), len(cells))
    return ComparedRuns((before, after), margin, tuple(cells), first, second, comparison, notices)


def _timed(folder: RunFolder) -> dict[Cell, Mapping[str, float]]:
    """The timing of every cell of the run that has one."""
    if not folder.path.is_dir():
        raise BadRunFolder(f"There is no folder '{folder.path}'; give the folder of a run.")
    if not folder.used:
        raise BadRunFolder(f"'{folder.path}' is no run folder: it has no config.json; give one that is.")
    found: dict[Cell, Mapping[str, float]] = {}
    for path in sorted(folder.cells.glob(f"*{_ENDING}")):
        name = path.name.removesuffix(_ENDING)
        found[_cell(folder, name)] = folder.timing(name)
    if not found:
        if (folder.path / "speed.json").exists():
            raise BadRunFolder(
                f"'{folder.path}' is a speed run, which has no cells; give two folders of benchmarks.run."
            )
        raise BadRunFolder(f"'{folder.path}' has no timed cell; finish the run with --resume.")
    return found


def _cell(folder: RunFolder, name: str) -> Cell:
    """Whatever version of the bench measured it: its time is a time."""
    path = f"cells/{name}.json"
    facts = checked(
        folder.read_json(path), CellNames, folder.path / path, "it names no cell; use --resume", BadRunFolder
    )
    return Cell(facts["model"], facts["estimator"], facts["k"])


def _times(rows: list[Mapping[str, float]]) -> Times:
    return Times.of(*([row[key] for row in rows] for key in ("seconds", "seconds_stderr", "runs")))


def _differences(a: RunFolder, b: RunFolder) -> list[str]:
    """What differs between the runs besides the code, in words."""
    words = []
    for name, keys in (("provenance.json", _MACHINE), ("config.json", _SETTINGS)):
        of_a, of_b = a.read_json(name), b.read_json(name)
        words += [
            f"{word} ({_shown(of_a.get(key))} and {_shown(of_b.get(key))})"
            for key, word in keys.items()
            if of_a.get(key) != of_b.get(key)
        ]
    return [*words, *_strangers(a), *_strangers(b), *_models(a, b)]


def _strangers(run: RunFolder) -> list[str]:
    """Cells that lie in the folder and were measured with other settings than it has."""
    config = run.read_json("config.json")
    paths = [path for path in run.cells.glob("*.json") if not path.name.endswith(_ENDING)]
    told = [run.read_json(f"cells/{path.name}").get("settings") for path in paths]
    count = sum(isinstance(one, dict) and any(config.get(k) != v for k, v in one.items()) for one in told)
    return [f"the settings of {count} cells in '{run.path}' (they are of another run)"] if count else []


def _models(a: RunFolder, b: RunFolder) -> list[str]:
    """Models of one name that were measured on other data or another checkpoint."""
    from evidence_bench.models.data.facts import require_comparable  # which imports torch

    of_a, of_b = (read_earlier(folder.path).models for folder in (a, b))
    words = []
    for name in sorted(set(of_a) & set(of_b)):
        one, other = of_a[name], of_b[name]
        try:
            require_comparable(one, other)
        except NotApplicable as error:
            words.append(f"the data of {name} ({str(error).rstrip('.')})")
        if one.get("checkpoint_sha256") != other.get("checkpoint_sha256"):
            words.append(f"the checkpoint of {name}")
    return words


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={value[key]}" for key in sorted(value)) or "none"
    return "none" if value is None else str(value)


def _notices(differs: list[str], only_one: set[Cell], cells: int) -> tuple[str, ...]:
    said = []
    if differs:
        said.append(f"The two runs differ in more than the code: {'; '.join(differs)}.")
    if only_one:
        said.append(f"{len(only_one)} cells were timed in one of the runs only and are left out.")
    if cells < FEWEST_CELLS:
        said.append(
            f"With fewer than {FEWEST_CELLS} cells, what differs from one run to the next without any change "
            "of the code is not in the intervals; repeat the two runs before you believe them."
        )
    return tuple(said)
