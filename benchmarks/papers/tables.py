"""Which study has which tables; paper.json and what the terminal shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from evidence_bench.benchmarks.papers import activity, nowozin, table1, table2
from evidence_bench.benchmarks.papers.measured import Measured
from evidence_bench.benchmarks.papers.sheet import Sheet
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.study.settings import Cell

Sheets = Callable[[Measured], list[Sheet]]
TABLES: Mapping[str, Sheets] = {
    "table1": table1.sheets,
    "table2": table2.sheets,
    "activity": activity.sheets,
    "nowozin": nowozin.sheets,
}
FILE = "paper.json"


def write_sheets(folder: RunFolder, study: str, cells: Iterable[Cell]) -> list[Sheet]:
    """The paper's tables of the study into paper.json; none for a study that no paper has."""
    if study not in TABLES:
        return []
    sheets = TABLES[study](Measured.of(folder, cells))
    folder.write_json(FILE, {"study": study, "sheets": [sheet.to_json() for sheet in sheets]})
    return sheets
