"""Cells gathered by the reason why they failed, were set aside or are not to be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evidence_bench.benchmarks.record.flags import FLAGS, Flag, Level
from evidence_bench.reports.numbers import runs_of, whole, with_interval
from evidence_bench.reports.read import Run, listed

_Cell = tuple[str, str, float]  # model, estimator, K


@dataclass(frozen=True)
class Reason:
    """A reason and, on a line for models that are alike, the cells it is about."""

    reason: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Warned(Reason):
    """A flag of the results; ``worst`` is its largest figure and the cell that has it.

    ``sentence`` is the reason as it follows a colon.
    """

    level: Level
    worst: str
    sentence: str


def distrusted(run: Run) -> list[Warned]:
    """Cells that raise a flag, by flag, the gravest first."""
    rows = run.results.to_dict("records")
    found = [(flag, [row for row in rows if flag.raised(row)]) for flag in FLAGS]
    return [*(_warned(flag, raised, run) for flag, raised in found if raised), *_wrong_orders(run)]


def not_measured(run: Run, key: str) -> list[Reason]:
    """Cells of status.json's ``failed`` or ``not_applicable``, by reason."""
    by_reason: dict[str, list[_Cell]] = {}
    for cell in listed(run.status, key):
        if isinstance(cell, Mapping):
            entry = (str(cell.get("model")), str(cell.get("estimator")), _number(cell.get("k")))
            by_reason.setdefault(str(cell.get("reason", "no reason given")), []).append(entry)
    return [Reason(reason, _lines(cells, run)) for reason, cells in by_reason.items()]


def k_grid(run: Run, model: str) -> list[float]:
    """Every K that was asked for or measured on the model."""
    asked = {_number(k) for k in listed(run.config, "samples")}
    measured = run.results.loc[run.results["model"] == model, "k"]
    return sorted({*(k for k in asked if math.isfinite(k)), *measured})


def _warned(flag: Flag, rows: list[dict[str, Any]], run: Run) -> Warned:
    worst = max(rows, key=flag.size)
    where = f"{worst['estimator']} at K = {worst['k']:.0f} on {worst['model']}"
    cells = [(row["model"], row["estimator"], row["k"]) for row in rows]
    return Warned(
        _capital(flag.sentence),
        _lines(cells, run),
        flag.level,
        f"{flag.figure(worst)}, {where}",
        flag.sentence,
    )


def _wrong_orders(run: Run) -> list[Warned]:
    """Estimators whose bias falls slower with K than they declare, on the models where it does."""
    rows = run.slopes[run.slopes["order_check"] == "contradicts"].to_dict("records")
    if not rows:
        return []
    worst = max(rows, key=lambda row: row["declared_order"] - row["measured_order"])
    measured = [worst[f"measured_order{end}"] for end in ("", "_low", "_high")]
    said = f"declared {whole(worst['declared_order'])}, measured {with_interval(*measured)}"
    lines = tuple((str(row["model"]), str(row["estimator"])) for row in rows)
    sentence = "the bias falls slower with K than declared, by 5 standard errors: correct the declared order."
    worst_said = f"{said}, {worst['estimator']} on {worst['model']}"
    return [Warned(_capital(sentence), lines, Level.CLAIM, worst_said, sentence)]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _lines(cells: Iterable[_Cell], run: Run) -> tuple[tuple[str, str], ...]:
    """Estimators with the same K are named together, and so are models with the same estimators and K."""
    ks: dict[tuple[str, str], list[float]] = {}
    for model, estimator, k in cells:
        ks.setdefault((model, estimator), []).append(k)
    by_model: dict[str, dict[str, list[str]]] = {}
    for (model, estimator), values in ks.items():
        text = _k_text(values, k_grid(run, model))
        by_model.setdefault(model, {}).setdefault(text, []).append(estimator)
    models_by_line: dict[str, list[str]] = {}
    for model, by_k in by_model.items():
        line = "; ".join(f"{', '.join(names)}{k}" for k, names in by_k.items())
        models_by_line.setdefault(line, []).append(model)
    return tuple((", ".join(models), line) for line, models in models_by_line.items())


def _k_text(values: list[float], grid: list[float]) -> str:
    known = [value for value in values if math.isfinite(value)]
    return f" at K = {runs_of(known, sorted({*grid, *known}))}" if known else ""


def _number(value: Any) -> float:
    """``value`` as a number; NaN where it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
