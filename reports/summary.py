"""The findings on top of the report, computed from the table: sentences and small tables, no judgement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence_bench.benchmarks.record.flags import EXACT
from evidence_bench.reports import about
from evidence_bench.reports.numbers import interval, runs_of, whole
from evidence_bench.reports.read import Run
from evidence_bench.reports.reasons import k_grid

VERDICTS = {
    "agrees": "✓",
    "disagrees": "✗",
    "undecided": "?",
    "not in the asymptotic regime": "○",
}


@dataclass(frozen=True)
class Verdicts:
    """K by verdict for one model and estimator; ``ratio`` is measured over predicted at K = ``at``."""

    model: str
    estimator: str
    k_by_verdict: dict[str, str]
    at: str
    ratio: str


def known(run: Run) -> str:
    """On how many of the models log p(x) is known, in words."""
    unknown = run.results.groupby("model")["reference"].apply(lambda values: values.isna().all()).sum()
    if unknown == 0:
        return "log p(x) known"
    return "log p(x) not known" if unknown == len(run.models) else f"log p(x) known but on {unknown}"


def measured_truths(run: Run) -> list[tuple[str, str]]:
    """(model, how its log p(x) was obtained) where that has an error larger than the last digit shown."""
    rows = run.results[run.results["reference_stderr"] > EXACT]
    told = {name: how for name, _, how in about.models(run)}
    return [(model, told.get(model, "")) for model in dict.fromkeys(rows["model"])]


def verdicts(run: Run, column: str) -> list[Verdicts]:
    """Each verdict of ``column`` (``verdict`` or ``verdict_bias``) with the K at which it was given."""
    told = run.results[run.results[column] != ""]
    found = []
    for (model, estimator), rows in told.groupby(["model", "estimator"], sort=False):
        grid = k_grid(run, str(model))
        by_verdict = {name: runs_of(part["k"], grid) for name, part in rows.groupby(column)}
        last = _most_telling(rows) if column == "verdict" else None
        at = "" if last is None else whole(last["k"])
        ratio = "" if last is None else interval(last["verdict_low"], last["verdict_high"])
        found.append(Verdicts(str(model), str(estimator), by_verdict, at, ratio))
    return found


def verdict_count(run: Run, column: str) -> dict[str, int]:
    """How many cells got each verdict."""
    counts = run.results.loc[run.results[column] != "", column].value_counts()
    return {name: int(counts.get(name, 0)) for name in VERDICTS}


def _most_telling(rows: pd.DataFrame) -> pd.Series | None:
    """The row of largest K that has an interval, in the regime where there is one."""
    known = rows[np.isfinite(rows["verdict_low"]) & np.isfinite(rows["verdict_high"])]
    decided = known[known["verdict"] != "not in the asymptotic regime"]
    known = decided if len(decided) else known
    return known.loc[known["k"].idxmax()] if len(known) else None
