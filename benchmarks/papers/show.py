"""The paper's tables on stdout."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rich.box import SIMPLE
from rich.table import Table

from evidence_bench.benchmarks.command.terminal import console as console_of
from evidence_bench.benchmarks.papers.sheet import Cell, Column, Sheet, Value
from evidence_bench.benchmarks.record.plus_minus import plus_minus

LONGEST = 40  # rows; longer tables stand in the report and in paper.json alone


def print_sheets(sheets: Iterable[Sheet]) -> None:
    """Each table with its notes; of a long one its title and where it is."""
    console = console_of(200)
    for sheet in sheets:
        if not sheet.rows:
            console.print(f"{sheet.title}: empty, for this run lacks the models, K or truth.")
            continue
        if len(sheet.rows) > LONGEST:
            console.print(f"{sheet.title}: {len(sheet.rows)} rows, in the report.")
        else:
            console.print(_table(sheet))
        for note in sheet.notes:
            console.print(note, soft_wrap=True)
        console.print()


def _table(sheet: Sheet) -> Table:
    table = Table(title=sheet.title, title_justify="left", box=SIMPLE)
    for number, column in enumerate(sheet.columns):
        words = any(isinstance(row[number], str) for row in sheet.rows)
        table.add_column(_heading(column), justify="left" if words else "right", overflow="fold")
    for row in sheet.rows:
        table.add_row(*(cell_text(cell) for cell in row))
    return table


def _heading(column: Column) -> str:
    return f"{column.name}, {column.unit}" if column.unit else column.name


def cell_text(cell: Cell) -> str:
    """A number to the digits that its error allows; empty where there is none."""
    if cell is None:
        return ""
    if isinstance(cell, Value):
        return plus_minus(cell.value, cell.stderr)
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.4g}"
    return str(cell)
