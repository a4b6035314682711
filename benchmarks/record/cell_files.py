"""What the files of a finished cell hold, checked at the door, and the sentences where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypedDict

import numpy as np
from msgspec import Meta

from evidence_bench.benchmarks.record.schema import RESULT_SCHEMA_VERSION
from evidence_bench.benchmarks.study.settings import Count
from evidence_bench.models.door import checked
from evidence_bench.models.errors import BenchError

ARRAYS = {"estimates", "reference", "reference_stderr", "reference_degrees", "reference_doubtful"}
ARRAYS |= {"x_group", "ess", "max_weight", "khat", "khat_halves", "c2", "c2_halves", "c3"}
HALVES = "_halves"  # ends the name of what there is of each half of the replicates, [2, B]; others are [B]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
_AGAIN = "remove it and use --resume, which measures it again"


class BadRunFolder(BenchError):
    """A run folder that cannot be written or read."""


class OtherVersion(BenchError):
    """A run folder of another version of the bench: its arrays have another meaning."""


class OtherRun(BenchError):
    """A cell that was measured with other settings than those of the folder it lies in."""


class CellNames(TypedDict):
    """Which cell it is."""

    model: str
    estimator: str
    k: Count


class CellFacts(CellNames):
    """The JSON file of a cell; its numbers rest on the ``settings``, and on code with the hash ``code``."""

    expansion: str
    bound: str
    iid: bool
    bounded_n: Annotated[int, Meta(ge=0)]
    asymmetry: float | None
    bias_order: int | None
    moments_exact: bool
    epsilon: Positive
    evaluations: Positive
    settings: dict[str, Any]
    code: str


class TimingFacts(TypedDict):
    """The file of a cell's time: the seconds of each of its ``rounds``, and what they say; of few nothing."""

    seconds: Positive
    seconds_stderr: NotNegative
    runs: Annotated[int, Meta(ge=2)]
    peak_bytes: Annotated[int, Meta(ge=0)]
    device_seconds: float | None
    rounds: Annotated[list[Positive], Meta(min_length=2)]


class LayerFacts(TypedDict):
    """Of each latent unit of a layer."""

    activity: list[float]
    kl: list[float]


class UnitsFacts(TypedDict):
    """The file of a model's latent units."""

    model: str
    layers: list[LayerFacts]


def check_facts(facts: dict[str, Any], path: Path) -> None:
    """BadRunFolder unless these are the facts of a cell, OtherVersion where they are of another version."""
    version = facts.get("result_schema_version", 1)
    if {"model", "estimator", "k"} <= set(facts) and version != RESULT_SCHEMA_VERSION:
        raise OtherVersion(
            f"'{path}' was measured by another version of the bench (version {version} of the results, "
            f"this one reads {RESULT_SCHEMA_VERSION}); measure again with another --output."
        )
    checked(facts, CellFacts, path, _AGAIN, BadRunFolder)


def check_timing(timing: dict[str, Any], path: Path) -> None:
    """BadRunFolder unless it is the timing of a cell."""
    checked(timing, TimingFacts, path, _AGAIN, BadRunFolder)


def check_units(units: dict[str, Any], path: Path) -> None:
    """BadRunFolder unless it describes latent units."""
    checked(units, UnitsFacts, path, _AGAIN, BadRunFolder)


def check_same_run(facts: Mapping[str, Any], deciding: Mapping[str, Any], path: Path) -> None:
    """OtherRun, naming what differs, unless the cell was measured with these settings."""
    of_cell = facts["settings"]
    differs = [key for key, value in deciding.items() if of_cell.get(key) != value]
    if differs:
        raise OtherRun(
            f"'{path}' was measured with {_listed(of_cell, differs)}, and the config.json of its folder has "
            f"{_listed(deciding, differs)}; restore that, or choose another --output."
        )


def check_arrays(arrays: Mapping[str, np.ndarray], replicates: int, path: Path) -> None:
    """BadRunFolder unless there are estimates [R, B] in float64 and numbers of the other names."""
    lacking = sorted(ARRAYS - set(arrays))
    if lacking:
        raise BadRunFolder(f"'{path}' lacks {lacking[0]}; {_AGAIN}.")
    estimates = arrays["estimates"]
    if estimates.ndim != 2 or estimates.dtype != np.float64 or len(estimates) != replicates:
        _refuse(path, "estimates", f"{replicates} x B of float64", estimates)
    for name in sorted(ARRAYS - {"estimates"}):
        array = arrays[name]
        wanted = ((2,) if name.endswith(HALVES) else ()) + estimates.shape[1:]
        if array.shape != wanted or array.dtype.kind not in "fiu":
            _refuse(path, name, f"{' x '.join(map(str, wanted))} numbers", array)


def _refuse(path: Path, name: str, wanted: str, array: np.ndarray) -> NoReturn:
    told = f"expected {wanted}, got {' x '.join(map(str, array.shape)) or 'one'} of {array.dtype}"
    raise BadRunFolder(f"'{path}' is wrong at {name}: {told}; {_AGAIN}.")


def _listed(settings: Mapping[str, Any], keys: list[str]) -> str:
    """'seed 0, samples 2,8'."""
    values = {key: settings.get(key) for key in keys}
    return ", ".join(f"{k} {','.join(map(str, v)) if isinstance(v, list) else v}" for k, v in values.items())
