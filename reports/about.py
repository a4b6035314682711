"""What the estimators and models are, and where the numbers come from, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence_bench.reports.numbers import NONE, superscript, with_error
from evidence_bench.reports.read import Run, listed

_IDENTITIES = {
    "p": "the mean weight has expectation p(x)",
    "1/p": "the mean reciprocal weight has expectation 1/p(x)",
    "none": "none: its mean weight is not unbiased for p(x)",
}


@dataclass(frozen=True)
class EstimatorWords:
    """One estimator, as a row of words."""

    name: str
    formula: str
    bound: str
    order: str
    moments: str
    sampler: str
    reducer: str
    identity: str
    iid: str
    min_k: str


def estimators(run: Run) -> list[EstimatorWords]:
    """Every estimator that the bench described."""
    return [_estimator(one) for one in described(run, "estimators")]


def models(run: Run) -> list[tuple[str, str, str]]:
    """(name, what it is, how its truth was obtained) of every model that the bench described."""
    keys = ("name", "about", "truth")
    return [
        (_word(one, keys[0]), _word(one, keys[1]), _word(one, keys[2])) for one in described(run, "models")
    ]


def mean_evidence(run: Run) -> dict[str, str]:
    """By model, the mean of log p(x) over the data points and the error of that reference."""
    rows = run.results.dropna(subset=["reference"]).drop_duplicates("model")
    return {
        str(row["model"]): with_error(row["reference"], row["reference_stderr"]) for _, row in rows.iterrows()
    }


def bounds(run: Run) -> dict[str, str]:
    """By estimator, the bound that it declares its expectation to be."""
    return {str(one.get("name")): str(one.get("bound", "")) for one in described(run, "estimators")}


def facts(mapping: Mapping[str, Any], leave_out: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(name, value) of a nested mapping, flattened with spaces: versions torch, 2.13.0. Nothing empty."""
    found: list[tuple[str, str]] = []
    for key, value in mapping.items():
        if key in leave_out or value is None or value in ("", [], (), {}):
            continue
        if isinstance(value, Mapping):
            found += [(f"{key} {name}", text) for name, text in facts(value)]
        else:
            found.append((str(key).replace("_", " "), _plain(value)))
    return found


def command(run: Run) -> str:
    """The command that makes the run again, empty where provenance does not tell."""
    value = run.provenance.get("command", "")
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def described(run: Run, kind: str) -> list[Mapping[str, Any]]:
    """What config.json says of each of the "estimators" or "models"."""
    described = run.config.get("described")
    found = listed(described, kind) if isinstance(described, Mapping) else []
    return [one for one in found if isinstance(one, Mapping)]


def _estimator(one: Mapping[str, Any]) -> EstimatorWords:
    order, iid = one.get("order"), one.get("iid")
    return EstimatorWords(
        name=_word(one, "name"),
        formula=_word(one, "formula") if one.get("formula") else _word(one, "about"),
        bound=_word(one, "bound"),
        order=f"O(K{superscript(-order)})" if isinstance(order, int) else "does not vanish with K",
        moments=_moments(one.get("moments")),
        sampler=_word(one, "sampler"),
        reducer=_word(one, "reducer"),
        identity=_IDENTITIES.get(str(one.get("identity")), _word(one, "identity")),
        iid=NONE if iid is None else "yes" if iid else "no",
        min_k=_word(one, "min_k"),
    )


def _moments(moments: Any) -> str:
    if not isinstance(moments, int):
        return NONE
    return "none" if moments < 1 else "E w" if moments == 1 else f"up to E w{superscript(moments)}"


def _word(one: Mapping[str, Any], key: str) -> str:
    value = one.get(key)
    return NONE if value is None or value == "" else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True)
    return NONE if value is None else str(value)
