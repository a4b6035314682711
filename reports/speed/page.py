"""The speed page: one HTML file from the folder of a speed run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence_bench.models.door import checked, read_json
from evidence_bench.reports.about import facts
from evidence_bench.reports.figures.styles import styles
from evidence_bench.reports.page import fill, write_page
from evidence_bench.reports.read import UnreadableRun
from evidence_bench.reports.speed import tables as speed_tables
from evidence_bench.reports.speed.figures import draw_all
from evidence_bench.reports.speed.form import SpeedForm

VERSION = 1
_FILE = "speed.json"
Data = Mapping[str, Any]


def is_speed(folder: Path) -> bool:
    """Whether the folder is that of a speed run."""
    return (folder / _FILE).is_file()


def render_speed(folder: Path, output: Path | None = None) -> Path:
    """Write the speed page of ``folder`` to ``output`` (RUN/report.html) and return its path.

    Raises UnreadableRun where the folder is no speed run, BenchError where the file cannot be written.
    """
    data = _read(folder, _FILE)
    if data.get("speed_schema_version") != VERSION:
        raise UnreadableRun(
            f"'{folder / _FILE}' has version {data.get('speed_schema_version')} and this report reads "
            f"version {VERSION}; make the run again."
        )
    checked(data, SpeedForm, folder / _FILE, "make the run again", UnreadableRun)
    try:
        html = to_html(data, _read(folder, "config.json"), _read(folder, "provenance.json"))
    except (LookupError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        raise UnreadableRun(
            f"'{folder / _FILE}' lacks a part of a speed run ({type(error).__name__}: {error}); "
            "make the run again."
        ) from error
    return write_page(html, output or folder / "report.html")


def to_html(data: Data, config: Data, provenance: Data) -> str:
    """The page; the same run gives the same bytes."""
    names = list(dict.fromkeys(one["name"] for setting in data["settings"] for one in setting["contenders"]))
    legend = styles(names)
    contents = {
        "quick": data["quick"],
        "started": provenance.get("started", ""),
        "machine": speed_tables.machine(data, provenance),
        "cards": speed_tables.cards(data["headline"]),
        "findings": speed_tables.findings(data),
        "absent": speed_tables.absent(data),
        "legend": legend,
        "figures": draw_all(data, legend),
        "side_by_side": [
            (setting["name"], speed_tables.side_by_side(setting)) for setting in data["settings"]
        ],
        "growth": [(axis, speed_tables.growth(axis, grown)) for axis, grown in data["growth"].items()],
        "contenders": speed_tables.contenders(data["settings"][0]),
        "command": str(provenance.get("command", "")),
        "provenance": facts(provenance, ("command",)),
        "configuration": facts(config),
    }
    return fill("speed.html.j2", contents)


def _read(folder: Path, name: str) -> Data:
    data = read_json(folder / name, "make the run again", UnreadableRun)
    if not isinstance(data, dict):
        raise UnreadableRun(f"'{folder / name}' holds no object; make the run again.")
    return data
