"""A table as plain data: what the terminal, the report and paper.json show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """A number with its standard error; 0 where it is exact, NaN where it is not known."""

    value: float
    stderr: float = 0.0

    def __neg__(self) -> Value:
        return Value(-self.value, self.stderr)


Cell = Value | str | int | float | None


@dataclass(frozen=True)
class Column:
    """A heading and its unit."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """A titled table; ``notes`` are sentences below it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """In types that JSON has; NaN as null."""
        return {
            "title": self.title,
            "columns": [asdict(column) for column in self.columns],
            "rows": [[_plain(cell) for cell in row] for row in self.rows],
            "notes": list(self.notes),
        }


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Value):
        return {"value": _number(cell.value), "stderr": _number(cell.stderr)}
    return _number(cell) if isinstance(cell, float) else cell


def _number(value: float) -> float | None:
    return value if value == value else None
