"""The columns of a cell that hold what its estimator declares against what was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evidence_bench.benchmarks.record.cell_arrays import cell_arrays, errors_in, moments_of
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.statistics.arrays import no_interval
from evidence_bench.benchmarks.statistics.claims import (
    NO_CLAIM,
    Check,
    Claim,
    bound_claim,
    cost_claim,
    iid_claim,
    order_claim,
)
from evidence_bench.benchmarks.statistics.columns import bias
from evidence_bench.benchmarks.statistics.measured_errors import MeasuredErrors
from evidence_bench.benchmarks.statistics.moments import LARGEST_KHAT
from evidence_bench.benchmarks.statistics.regime import row_in_regime
from evidence_bench.benchmarks.statistics.row import checked
from evidence_bench.benchmarks.statistics.slopes import Slope, bias_slope

_SAME = 1e-6  # nats: what an estimate may move by when its weights come in another order


def claim_columns(stored: StoredCell) -> dict[str, Any]:
    """Bound, iid, symmetry and cost, by the names of the schema; empty where nothing is declared."""
    bound, iid, asymmetry = _bound(stored), _iid(stored), stored.facts["asymmetry"]
    return {
        "bound_check": str(bound.check),
        "bound_excess": bound.measured.value,
        "bound_excess_stderr": bound.measured.stderr,
        "iid_check": str(iid.check),
        "iid_ratio": iid.measured.value,
        "iid_ratio_stderr": iid.measured.stderr,
        "symmetric_check": str(_symmetric(asymmetry)),
        "asymmetry": np.nan if asymmetry is None else float(asymmetry),
        "cost_check": str(cost_claim(stored.facts["evaluations"], stored.cell.k)),
    }


def _bound(stored: StoredCell) -> Claim:
    """Where log p(x) is known and the weights do not contradict it: else the model would be accused."""
    if not np.isfinite(stored.arrays["reference"]).all() or checked(cell_arrays(stored))[0].fails:
        return NO_CLAIM
    measured, khat = controlled_errors(stored), stored.arrays["khat"]
    known = khat[~np.isnan(khat)]
    heavy = not len(known) or float(np.median(known)) >= LARGEST_KHAT
    draws = measured.errors.size * stored.cell.k
    return bound_claim(
        bias(measured.errors, measured.known_to), str(stored.facts["bound"]), draws, heavy=heavy
    )


def order_columns(members: list[StoredCell]) -> dict[str, Any]:
    """The declared order of the bias and what its slope over the K in the asymptotic regime says of it."""
    declared = members[0].facts["bias_order"]
    inside = [one for one in members if one.facts["iid"] and row_in_regime(one.cell.k, moments_of(one))]
    fitted = Slope(no_interval("too few K"))
    if len(inside) > 1:
        fitted = bias_slope([one.cell.k for one in inside], [controlled_errors(one) for one in inside])
    slope = fitted.interval
    check = order_claim(slope, declared, len(fitted.ks))
    return {
        "declared_order": np.nan if declared is None else declared,
        "measured_order": -slope.value,
        "measured_order_low": -slope.high,
        "measured_order_high": -slope.low,
        "order_check": str(check),
    }


def controlled_errors(stored: StoredCell) -> MeasuredErrors:
    """Errors [R, B] with controls also where no series is declared but an order is.

    An estimate whose bias vanishes with K has the mean weight's own noise as its leading term; and whatever
    it has, controls of mean zero leave its bias as it is.
    """
    facts = stored.facts
    unknown = facts["expansion"] == "none" and facts["iid"] and facts["bias_order"]
    like = replace(stored, facts=facts | {"expansion": "log-mean"}) if unknown else stored
    return errors_in(like, controlled=True)


def _iid(stored: StoredCell) -> Claim:
    """The first replicate chose the unit of the bounded weights, so it is left out."""
    arrays = stored.arrays
    if not stored.facts["iid"] or "bounded_mean" not in arrays or len(arrays["bounded_mean"]) < 3:
        return NO_CLAIM
    n = stored.facts["bounded_n"]
    return iid_claim(arrays["bounded_mean"][1:], arrays["bounded_variance"][1:], n)


def _symmetric(asymmetry: float | None) -> Check:
    if asymmetry is None:
        return Check.NONE
    return Check.HOLDS if asymmetry <= _SAME else Check.CONTRADICTS
