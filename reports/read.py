"""A run folder, read and checked; what is missing is said in a sentence instead of stopping the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from evidence_bench.benchmarks.recommendations.curves import ModelCurves, curves_of
from evidence_bench.benchmarks.record.schema import COLUMNS, RESULT_SCHEMA_VERSION, SLOPE_COLUMNS
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.models.door import checked, read_json
from evidence_bench.models.errors import BenchError
from evidence_bench.reports.forms import FORMS

_KEYS = ["model", "estimator", "k"]
_CHECKS = {"weight_check", "bound_check", "iid_check", "symmetric_check", "cost_check", "order_check"}
_WORDS = {"verdict", "verdict_bias", "k_used", "bias_k_used", "model", "estimator", *_CHECKS}
_PARTS = {
    "config": "what was asked for, and what each estimator and model is",
    "provenance": "where the numbers come from",
    "status": "which cells failed or do not apply",
    "paper": "how the results compare with the paper",
}


class UnreadableRun(BenchError):
    """A folder that is no run, or a table that cannot be read."""


@dataclass(frozen=True)
class Run:
    """A run as the report needs it; rows are ordered by model, estimator (as asked for) and K.

    ``notices`` are sentences about what the folder lacks. ``paper``: tables beside a paper's, where the study
    has them. ``curves``: error against cost, from the raw estimates.
    """

    results: pd.DataFrame
    slopes: pd.DataFrame
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]
    status: Mapping[str, Any]
    notices: tuple[str, ...]
    paper: Mapping[str, Any] = field(default_factory=dict)
    curves: tuple[ModelCurves, ...] = ()

    @property
    def models(self) -> list[str]:
        """Models with a finished cell, in the order in which they were asked for."""
        return list(dict.fromkeys(self.results["model"]))

    @property
    def estimators(self) -> list[str]:
        """Estimators with a finished cell, in the order in which they were asked for."""
        found = set(self.results["estimator"])
        return in_order(found, listed(self.config, "estimators"))


def read_run(folder: Path) -> Run:
    """The run of ``folder``; raises UnreadableRun, with a remedy, where it is none."""
    if not folder.is_dir():
        raise UnreadableRun(f"There is no run folder '{folder}'; give the folder that the bench wrote.")
    notices: list[str] = []
    config, provenance, status = (_json(folder, part, notices) for part in ("config", "provenance", "status"))
    results = _results(folder / "results.parquet", notices)
    slopes = _slopes(folder / "slopes.parquet", notices)
    results, slopes = (_sorted(frame, config) for frame in (results, slopes))
    paper = _json(folder, "paper", notices) if (folder / "paper.json").is_file() else {}
    curves = _curves(RunFolder(folder), results, notices)
    return Run(results, slopes, config, provenance, status, tuple(notices), paper, curves)


def _curves(folder: RunFolder, results: pd.DataFrame, notices: list[str]) -> tuple[ModelCurves, ...]:
    """Made of the cells; what cannot be read is said and left out."""
    lost, cells = "", []
    for model, estimator, k in results[_KEYS].itertuples(index=False, name=None):
        try:
            cells.append(folder.load_cell(Cell(model, estimator, int(k))))
        except BenchError as error:
            lost = lost or str(error)
    if lost:
        some = "some of its cells" if cells else "its cells"
        notices.append(
            f"The folder cannot give {some} ({lost}), so this report knows less of which estimator to take."
        )
    return tuple(curves_of(cells))


def listed(mapping: Mapping[str, Any], key: str) -> list[Any]:
    """The list under ``key``, empty where it is missing or no list."""
    value = mapping.get(key)
    return list(value) if isinstance(value, list | tuple) else []


def in_order(found: set[str], wanted: list[Any]) -> list[str]:
    """``found`` in the order of ``wanted``, the others behind them by name."""
    first = [str(name) for name in dict.fromkeys(wanted) if str(name) in found]
    return first + sorted(found - set(first))


def _json(folder: Path, part: str, notices: list[str]) -> Mapping[str, Any]:
    """The part, or nothing and a notice where it is missing or not of its form."""
    path = folder / f"{part}.json"
    so = f"so this report cannot say {_PARTS[part]}"
    if not path.exists():
        notices.append(f"The folder has no {path.name}, {so}.")
        return {}
    try:
        content = _text_only(read_json(path, so, UnreadableRun))
        checked(content, FORMS[part], path.name, so, UnreadableRun)
        _check_rows(content, path.name, so)
    except UnreadableRun as error:
        notices.append(str(error).replace(f"'{path}'", path.name).replace(f"'{path.name}'", path.name))
        return {}
    found: Mapping[str, Any] = content
    return found


def _text_only(content: Any) -> Any:
    """The same without halves of characters, which a path of other bytes leaves in a name."""
    return json.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))


def _check_rows(content: Mapping[str, Any], name: str, so: str) -> None:
    """The rows of a paper's tables have a cell for each heading."""
    for sheet in listed(content, "sheets"):
        if any(len(row) != len(sheet["columns"]) for row in sheet["rows"]):
            raise UnreadableRun(f"'{name}' has a row that does not fit its headings; {so}.")


def _results(path: Path, notices: list[str]) -> pd.DataFrame:
    if not path.is_file():
        raise UnreadableRun(
            f"'{path.parent}' has no {path.name}, the table a report is made of; "
            "finish the run with --resume, or give the folder of another run."
        )
    frame = _parquet(path)
    lacking = [key for key in _KEYS if key not in frame]
    if lacking:
        raise UnreadableRun(
            f"{path} has no column {', '.join(lacking)}; it is no table of the bench; give a run folder."
        )
    versions = set(frame["result_schema_version"].dropna()) if "result_schema_version" in frame else set()
    if versions - {RESULT_SCHEMA_VERSION}:
        notices.append(
            f"The results have schema version {', '.join(map(str, sorted(versions)))} and this report reads "
            f"version {RESULT_SCHEMA_VERSION}: a column may have another meaning."
        )
    return _completed(frame, COLUMNS, path.name, notices)


def _slopes(path: Path, notices: list[str]) -> pd.DataFrame:
    if not path.is_file():
        notices.append(f"The folder has no {path.name}, so this report has no slopes.")
        return pd.DataFrame(columns=list(SLOPE_COLUMNS))
    return _completed(_parquet(path), SLOPE_COLUMNS, path.name, notices)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        with path.open("rb") as file:  # by its path it would have to be one of UTF-8
            frame = pd.read_parquet(file)
        return frame.reset_index(drop=True)  # a concatenated table may repeat its labels
    except Exception as error:  # each of the parquet libraries has errors of its own
        raise UnreadableRun(f"{path} cannot be read ({error}); finish the run with --resume.") from error


def _completed(
    frame: pd.DataFrame, columns: Mapping[str, str], name: str, notices: list[str]
) -> pd.DataFrame:
    """``frame`` with every documented column: numbers as float64, words as text, unknown columns kept."""
    lacking = [column for column in columns if column not in frame]
    if lacking:
        notices.append(f"{name} lacks the columns {', '.join(lacking)}; they are shown as empty.")
    frame = frame.reindex(columns=[*columns, *(c for c in frame.columns if c not in columns)])
    for column in columns:
        if column in _WORDS:
            frame[column] = [value if isinstance(value, str) else "" for value in frame[column]]
        else:
            frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    return frame


def _sorted(frame: pd.DataFrame, config: Mapping[str, Any]) -> pd.DataFrame:
    ranks = pd.DataFrame(index=frame.index)
    for key in ("model", "estimator"):
        names = in_order(set(frame[key]), listed(config, f"{key}s"))
        ranks[key] = frame[key].map({name: rank for rank, name in enumerate(names)})
    if "k" in frame:
        ranks["k"] = frame["k"]
    return frame.loc[ranks.sort_values(list(ranks.columns), kind="stable").index].reset_index(drop=True)
