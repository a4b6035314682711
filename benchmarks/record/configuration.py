"""config.json and provenance.json: the settings of a run, and what is read back of the rest."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.record.cell_files import BadRunFolder, OtherVersion
from evidence_bench.benchmarks.record.schema import RESULT_SCHEMA_VERSION
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.models.door import checked, read_json

_ELSE = {"described", "result_schema_version"}  # what the file holds beside the settings
PROVENANCE = "provenance.json"
_REMEDY = "restore it, or choose another --output"


@dataclass(frozen=True)
class DescribedModel:
    """A model of the run: its name, and the texts that asked for it."""

    name: str
    typed: list[str] = field(default_factory=list)
    truth: str = ""


@dataclass(frozen=True)
class Described:
    """What is read back of how a run describes itself."""

    models: list[DescribedModel] = field(default_factory=list)


@dataclass(frozen=True)
class _Describing:
    """The configuration as far as it describes."""

    described: Described = field(default_factory=Described)


@dataclass(frozen=True)
class Earlier:
    """What is read back of provenance.json."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    likelihood_forms: dict[str, Any] = field(default_factory=dict)
    looks: dict[str, Any] = field(default_factory=dict)
    earlier: list[dict[str, Any]] = field(default_factory=list)


def configuration(settings: Settings, described: dict[str, Any]) -> dict[str, Any]:
    """What config.json holds."""
    version = {"result_schema_version": RESULT_SCHEMA_VERSION}
    return version | settings.to_json() | {"described": described}


def read_settings(path: Path) -> Settings:
    """The settings of a configuration; a sentence with the field where it is none of this version."""
    config = _read(path)
    if config.get("study") == "speed":
        raise BadRunFolder(f"'{path.parent}' is a speed run, which is not resumed; start another.")
    version = config.get("result_schema_version", 1)
    if version != RESULT_SCHEMA_VERSION:
        raise OtherVersion(
            f"'{path}' was written by another version of the bench (its results have version {version}, "
            f"this one's {RESULT_SCHEMA_VERSION}); go on with that, or measure again with another --output."
        )
    known = {one.name for one in dataclasses.fields(Settings)} | _ELSE
    for name in config:
        if name not in known:
            raise BadRunFolder(f"'{path}' has a field '{name}', which this version does not know; {_REMEDY}.")
    return checked(config, Settings, path, _REMEDY, BadRunFolder)


def read_described(path: Path) -> Described:
    """How the run of that configuration describes itself."""
    return checked(_read(path), _Describing, path, _REMEDY, BadRunFolder).described


def read_earlier(folder: Path) -> Earlier:
    """What provenance.json tells of the run so far; nothing where there is none."""
    path = folder / PROVENANCE
    if not path.exists():
        return Earlier()
    remedy = "restore it; or remove it, and the run goes on without knowing its models"
    return checked(read_json(path, remedy, BadRunFolder), Earlier, path, remedy, BadRunFolder)


def _read(path: Path) -> dict[str, Any]:
    config = read_json(path, _REMEDY, BadRunFolder)
    if not isinstance(config, dict):
        raise BadRunFolder(f"'{path}' holds no object; {_REMEDY}.")
    return config
