"""The findings on top of the report, computed from the table: sentences and small tables, no judgement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.flags import EXACT
from reports import about
from reports.numbers import interval, number, runs_of, whole, with_error
from reports.read import Run
from reports.reasons import k_grid

VERDICTS = {
    "agrees": "✓",
    "disagrees": "✗",
    "undecided": "?",
    "not in the asymptotic regime": "○",
}


@dataclass(frozen=True)
class Best:
    """The estimator of lowest RMSE on a model at the largest K that all finite estimators share."""

    model: str
    k: str
    estimator: str
    rmse: str
    interval: str
    tied: tuple[str, ...]
    alone: bool
    seconds: str
    within: str


@dataclass(frozen=True)
class Verdicts:
    """K by verdict for one model and estimator; ``ratio`` is measured over predicted at K = ``at``."""

    model: str
    estimator: str
    k_by_verdict: dict[str, str]
    at: str
    ratio: str


def best_by_model(run: Run) -> tuple[list[Best], list[str]]:
    """The best estimator of each model, and a sentence for each model where none can be named."""
    best, silent = [], []
    for model, rows in run.results.groupby("model", sort=False):
        finite = rows[np.isfinite(rows["rmse"]) & np.isfinite(rows["rmse_stderr"])]
        common = _common_k(finite)
        if common is None:
            silent.append(
                f"On {model} no K has a finite RMSE for all its estimators, so none is named the best."
            )
        else:
            best.append(_best(str(model), finite[finite["k"] == common], finite))
    return best, silent


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


def _common_k(finite: pd.DataFrame) -> float | None:
    sets = [set(group["k"]) for _, group in finite.groupby("estimator")]
    common = set.intersection(*sets) if sets else set()
    return max(common) if common else None


def _best(model: str, rows: pd.DataFrame, every: pd.DataFrame) -> Best:
    low, high = rows["rmse_low"], rows["rmse_high"]
    first = rows["rmse"].idxmin()
    tied = rows.loc[(low <= high[first]) & (rows.index != first), "estimator"]
    row = rows.loc[first]
    return Best(
        model=model,
        k=whole(row["k"]),
        estimator=row["estimator"],
        rmse=number(row["rmse"], 3),
        interval=interval(low[first], high[first]),
        tied=tuple(tied),
        alone=len(rows) == 1,
        seconds=number(row["seconds"], 2) if math.isfinite(row["seconds"]) else "",
        within=_within(every, row),
    )


def _within(every: pd.DataFrame, best: pd.Series) -> str:
    """What the others reach in the time that the best at equal K takes."""
    others = every[(every["estimator"] != best["estimator"]) & (every["seconds"] <= best["seconds"])]
    if not len(others):
        return ""
    row = others.loc[others["rmse"].idxmin()]
    rmse = with_error(row["rmse"], row["rmse_stderr"])
    return f"{row['estimator']} at K = {whole(row['k'])} ({number(row['seconds'], 2)} s): {rmse} nats"


def _most_telling(rows: pd.DataFrame) -> pd.Series | None:
    """The row of largest K that has an interval, in the regime where there is one."""
    known = rows[np.isfinite(rows["verdict_low"]) & np.isfinite(rows["verdict_high"])]
    decided = known[known["verdict"] != "not in the asymptotic regime"]
    known = decided if len(decided) else known
    return known.loc[known["k"].idxmax()] if len(known) else None
