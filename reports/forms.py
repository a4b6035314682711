"""The form of the JSON files of a run, as far as a report reads them; any of it may be missing."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

Count = Annotated[int, Meta(ge=1, le=2**62)]
Counted = Annotated[int, Meta(ge=0, le=2**62)]


class DescribedForm(TypedDict, total=False):
    """What names stand for."""

    estimators: list[dict[str, Any]]
    models: list[dict[str, Any]]


class ConfigForm(TypedDict, total=False):
    """config.json."""

    models: list[str]
    estimators: list[str]
    samples: list[Count]
    described: DescribedForm


class ProvenanceForm(TypedDict, total=False):
    """provenance.json."""

    command: str


class CellForm(TypedDict, total=False):
    """A cell that was not measured, and why."""

    model: str
    estimator: str
    k: Count
    reason: str
    detail: str


class StatusForm(TypedDict, total=False):
    """status.json."""

    finished: Counted
    total: Counted
    interrupted: bool
    failed: list[CellForm]
    not_applicable: list[CellForm]


class ColumnForm(TypedDict):
    """A heading of a paper's table."""

    name: str
    unit: str


class ValueForm(TypedDict):
    """A number with its error."""

    value: float | None
    stderr: float | None


class SheetForm(TypedDict):
    """A paper's table."""

    title: str
    columns: list[ColumnForm]
    rows: list[list[ValueForm | str | int | float | None]]
    notes: list[str]


class PaperForm(TypedDict, total=False):
    """paper.json."""

    sheets: list[SheetForm]


FORMS: dict[str, Any] = {
    "config": ConfigForm,
    "provenance": ProvenanceForm,
    "status": StatusForm,
    "paper": PaperForm,
}
