"""The findings on top of the report, computed from the table: sentences and small tables, no judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.statistics.regime import SHARE_OF_POINTS as REGIME_SHARE
from reports import about
from reports.numbers import interval, number, runs_of, whole, with_error
from reports.panel import Z95
from reports.read import Run, listed

KHAT_LIMIT = 0.7
EXACT = 1e-5  # nats: a reference with a smaller error is as good as exact here
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


@dataclass(frozen=True)
class Reason:
    """A reason and, on a line for models that are alike, the cells it is about."""

    reason: str
    lines: tuple[tuple[str, str], ...]


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
        grid = _grid(run, str(model))
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


def flags(row: Mapping[str, Any]) -> list[str]:
    """Why a row is not to be trusted, in words; empty where nothing speaks against it."""
    found = []
    if row["weight_check"] == "fails":
        found.append("mean weight is not p(x)")
    if row["reference_stderr"] > max(EXACT, abs(row["bias"]) / 3):
        found.append("reference too coarse for this bias")
    if row["n_not_finite"] > 0:
        found.append("infinite estimates")
    if row["khat"] > KHAT_LIMIT:
        found.append("k-hat above 0.7")
    if row["in_regime"] < REGIME_SHARE and math.isfinite(row["predicted_variance"]):
        found.append("expansion not usable")
    return found


def distrusted(run: Run) -> list[Reason]:
    """Cells that are not to be trusted, by reason."""
    rows = run.results
    reasons = {
        "The mean weight is not p(x), by more than 5 standard errors: log_joint, proposal and log_evidence "
        "do not belong together, and bias and RMSE here say nothing of the estimator.": (
            rows["weight_check"] == "fails"
        ),
        "The error of the reference is more than a third of the bias: it is not good enough to see it.": (
            (rows["reference_stderr"] > EXACT) & (3 * rows["reference_stderr"] > rows["bias"].abs())
        ),
        "Infinite estimates among the replicates: bias, variance and RMSE are not finite.": rows[
            "n_not_finite"
        ]
        > 0,
        "Pareto k-hat above 0.7: the tail of the weights is too heavy for these error bars.": (
            rows["khat"] > KHAT_LIMIT
        ),
        "Not in the asymptotic regime: the predictions of Propositions 1 and 2 cannot be used.": (
            (rows["in_regime"] < REGIME_SHARE) & np.isfinite(rows["predicted_variance"])
        ),
    }
    keys = ["model", "estimator", "k"]
    return [
        _reason(reason, list(rows.loc[hit, keys].itertuples(index=False, name=None)), run)
        for reason, hit in reasons.items()
        if hit.any()
    ]


def not_measured(run: Run, key: str) -> list[Reason]:
    """Cells of status.json's ``failed`` or ``not_applicable``, by reason."""
    by_reason: dict[str, list[tuple[str, str, float]]] = {}
    for cell in listed(run.status, key):
        if isinstance(cell, Mapping):
            k = cell.get("k")
            entry = (
                str(cell.get("model")),
                str(cell.get("estimator")),
                _number(k),
            )
            by_reason.setdefault(str(cell.get("reason", "no reason given")), []).append(entry)
    return [_reason(reason, cells, run) for reason, cells in by_reason.items()]


def _reason(reason: str, cells: list[tuple[str, str, float]], run: Run) -> Reason:
    """Estimators with the same K are named together, and so are models with the same estimators and K."""
    ks: dict[tuple[str, str], list[float]] = {}
    for model, estimator, k in cells:
        ks.setdefault((model, estimator), []).append(k)
    by_model: dict[str, dict[str, list[str]]] = {}
    for (model, estimator), values in ks.items():
        text = _k_text(values, _grid(run, model))
        by_model.setdefault(model, {}).setdefault(text, []).append(estimator)
    models_by_line: dict[str, list[str]] = {}
    for model, by_k in by_model.items():
        line = "; ".join(f"{', '.join(names)}{k}" for k, names in by_k.items())
        models_by_line.setdefault(line, []).append(model)
    return Reason(reason, tuple((", ".join(models), line) for line, models in models_by_line.items()))


def _k_text(values: list[float], grid: list[float]) -> str:
    known = [value for value in values if math.isfinite(value)]
    return f" at K = {runs_of(known, sorted({*grid, *known}))}" if known else ""


def _common_k(finite: pd.DataFrame) -> float | None:
    sets = [set(group["k"]) for _, group in finite.groupby("estimator")]
    common = set.intersection(*sets) if sets else set()
    return max(common) if common else None


def _best(model: str, rows: pd.DataFrame, every: pd.DataFrame) -> Best:
    low, high = rows["rmse"] - Z95 * rows["rmse_stderr"], rows["rmse"] + Z95 * rows["rmse_stderr"]
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


def _grid(run: Run, model: str) -> list[float]:
    """Every K that was asked for or measured on the model."""
    asked = {_number(k) for k in listed(run.config, "samples")}
    return sorted(
        {*(k for k in asked if math.isfinite(k)), *run.results.loc[run.results["model"] == model, "k"]}
    )


def _number(value: Any) -> float:
    """``value`` as a number; NaN where it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
