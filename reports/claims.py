"""What each estimator declares of itself beside what was measured of it, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evidence_bench.reports.about import described
from evidence_bench.reports.numbers import NONE, number, whole, with_error, with_interval
from evidence_bench.reports.read import Run

CONTRADICTS = "contradicts"
_TOO_FEW = "not measured: fewer than 3 K in the asymptotic regime have a bias clear of its noise"


@dataclass(frozen=True)
class ClaimWords:
    """One claim of one estimator; ``first`` says that another estimator begins here."""

    estimator: str
    claim: str
    declared: str
    measured: str
    contradicted: bool
    first: bool


def claims(run: Run) -> list[ClaimWords]:
    """Every claim of every estimator that has a finished cell."""
    found = []
    for one in described(run, "estimators"):
        name = str(one.get("name"))
        rows = run.results[run.results["estimator"] == name].to_dict("records")
        slopes = run.slopes[run.slopes["estimator"] == name].to_dict("records")
        for i, (claim, declared, measured, wrong) in enumerate(_claims(one, rows, slopes)):
            found.append(ClaimWords(name, claim, declared, measured, wrong, i == 0))
    return found


Rows = list[dict[str, Any]]
_Told = tuple[str, str, str, bool]  # claim, declared, measured, whether it is contradicted


def _claims(one: Mapping[str, Any], rows: Rows, slopes: Rows) -> Iterator[_Told]:
    if not rows:
        return
    if one.get("bound") not in (None, "no bound"):
        yield _told("bound", str(one["bound"]), rows, "bound_check", _excess, _bound_size)
    if isinstance(one.get("order"), int):
        checked = [row for row in slopes if row["order_check"] not in ("", "not measured")]
        declared = f"O(K^-{one['order']})"
        measured = _told("order of the bias", declared, checked, "order_check", _order, _order_size)
        yield measured if checked else (*measured[:2], _TOO_FEW, False)
    if one.get("iid") is True:
        yield _told("iid weights", "yes", rows, "iid_check", _ratio, _ratio_size)
    if any(row["symmetric_check"] for row in rows):
        yield _told("symmetric", "yes", rows, "symmetric_check", _move, lambda row: row["asymmetry"])
    yield _told("cost", "at most K", rows, "cost_check", _cost, lambda row: row["evaluations"] / row["k"])


def _told(
    claim: str,
    declared: str,
    rows: Rows,
    column: str,
    shown: Callable[[dict[str, Any]], str],
    size: Callable[[dict[str, Any]], float],
) -> _Told:
    """The worst row of those that contradict the claim, else the one that comes nearest to doing so."""
    judged = [row for row in rows if row[column]]
    if not judged:
        return claim, declared, "not measured", False
    wrong = [row for row in judged if row[column] == CONTRADICTS]
    worst = max(wrong or judged, key=size)
    counts = pd.Series([row[column] for row in judged]).value_counts()
    said = ", ".join(f"{name} in {counts[name]}" for name in counts.index)
    where = f"on {worst['model']}" + (f" at K = {whole(worst['k'])}" if "k" in worst else "")
    return claim, declared, f"{shown(worst)} {where}; {said} of {len(judged)}", bool(wrong)


def _excess(row: dict[str, Any]) -> str:
    value = row["bound_excess"]
    signed = ("+" if value > 0 else "") + with_error(value, row["bound_excess_stderr"])
    words = "contradicts its bound: " if row["bound_check"] == CONTRADICTS else ""
    return f"{words}{signed} nats"


def _bound_size(row: dict[str, Any]) -> float:
    """In standard errors; one that is known without error is as far as can be."""
    return _finite(row["bound_excess"] / max(row["bound_excess_stderr"], 1e-12))


def _order(row: dict[str, Any]) -> str:
    return with_interval(row["measured_order"], row["measured_order_low"], row["measured_order_high"])


def _order_size(row: dict[str, Any]) -> float:
    return _finite(row["declared_order"] - row["measured_order"])


def _ratio(row: dict[str, Any]) -> str:
    ratio = with_error(row["iid_ratio"], row["iid_ratio_stderr"])
    return f"the variance of a mean is {ratio} times that of independent weights"


def _ratio_size(row: dict[str, Any]) -> float:
    return _finite(abs(row["iid_ratio"] - 1) / max(row["iid_ratio_stderr"], 1e-12))


def _move(row: dict[str, Any]) -> str:
    return f"moves by {number(row['asymmetry'], 2)} nats in another order"


def _cost(row: dict[str, Any]) -> str:
    share = row["evaluations"] / row["k"]
    return NONE if not np.isfinite(share) else f"{number(share, 3)} K"


def _finite(value: float) -> float:
    return float(np.nan_to_num(value, nan=-np.inf))
