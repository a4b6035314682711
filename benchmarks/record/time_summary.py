"""How a comparison of times is printed: a table for people, JSON for machines. Does not import torch."""

from __future__ import annotations

import json
import math

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

from evidence_bench.benchmarks.command.terminal import console as console_of
from evidence_bench.benchmarks.record.run_times import ComparedRuns
from evidence_bench.benchmarks.statistics.times import Change

_ORDER = (Change.SLOWER, Change.FASTER, Change.UNDECIDED, Change.SAME)
_COLUMNS = ("model", "estimator", "K", "A, s", "B, s", "B / A", "95% interval", "verdict")


def print_comparison(compared: ComparedRuns) -> None:
    """The table, what is to be said of it, and the conclusion in one line."""
    console = console_of(140)
    console.print(_table(compared))
    for line in (*compared.notices, conclusion(compared)):
        console.print(line, soft_wrap=True)


def conclusion(compared: ComparedRuns) -> str:
    """How many cells have which verdict, and how much runs differ without a change of the code."""
    counts = ", ".join(f"{compared.count(change)} {change}" for change in _ORDER)
    between = compared.comparison.between
    known = "" if math.isnan(between) else f", {between:.1%} from run to run (one sd)"
    middle = float(np.median(compared.comparison.ratio))
    return (
        f"Of {len(compared.cells)} cells {counts}, at a margin of {compared.margin:.3g}; "
        f"median ratio {middle:.3f}{known}."
    )


def as_json(compared: ComparedRuns) -> str:
    """One object: folders, margin, counts, notices, conclusion, and a list of cells."""
    between = compared.comparison.between
    content = {
        "before": str(compared.folders[0]),
        "after": str(compared.folders[1]),
        "margin": compared.margin,
        "sd_between_runs": None if math.isnan(between) else between,
        "counts": {change.value: compared.count(change) for change in _ORDER},
        "notices": list(compared.notices),
        "conclusion": conclusion(compared),
        "cells": [_facts(compared, i) for i in range(len(compared.cells))],
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _facts(compared: ComparedRuns, i: int) -> dict[str, object]:
    cell, found = compared.cells[i], compared.comparison
    return {
        "model": cell.model,
        "estimator": cell.estimator,
        "k": cell.k,
        "seconds_before": float(compared.before.seconds[i]),
        "seconds_after": float(compared.after.seconds[i]),
        "ratio": float(found.ratio[i]),
        "low": _finite(found.low[i]),
        "high": _finite(found.high[i]),
        "p_different": float(found.p_different[i]),
        "p_same": float(found.p_same[i]),
        "verdict": found.changes[i].value,
    }


def _finite(value: float) -> float | None:
    """JSON has no infinity: an interval without an end has null there."""
    return float(value) if math.isfinite(value) else None


def _table(compared: ComparedRuns) -> Table:
    a, b = (str(folder) for folder in compared.folders)
    shown = Table(title=f"A: {a}, B: {b}", title_justify="left", box=SIMPLE)
    for name in _COLUMNS:
        words = name in ("model", "estimator", "verdict")
        shown.add_column(name, justify="left" if words else "right", no_wrap=not words, overflow="fold")
    changes = compared.comparison.changes
    for i in sorted(range(len(changes)), key=lambda i: _ORDER.index(changes[i])):
        shown.add_row(*_row(compared, i))
    return shown


def _row(compared: ComparedRuns, i: int) -> tuple[str, ...]:
    cell, found = compared.cells[i], compared.comparison
    seconds = [f"{times.seconds[i]:.4g}" for times in (compared.before, compared.after)]
    ends = f"{found.low[i]:.3f} to {found.high[i]:.3f}"
    ratio = f"{found.ratio[i]:.3f}"
    return (cell.model, cell.estimator, str(cell.k), *seconds, ratio, ends, found.changes[i].value)
