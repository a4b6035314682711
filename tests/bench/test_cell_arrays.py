"""What the statistics of a stored cell are given: the controls only where the mean weight is p(x)."""

from __future__ import annotations

import numpy as np
import pytest

from evidence_bench.benchmarks.record.cell_arrays import cell_arrays, errors_in
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.statistics.row import statistics_row
from evidence_bench.benchmarks.study.settings import Cell
from tests.statistics.laws import LogNormal

LAW, K, R, B = LogNormal(0.25), 16, 200, 8


def stored(off=0.0, reference_stderr=0.0, seed=0):
    """An IWAE cell whose log_joint is ``off`` nats too high, with exact moments."""
    errors = np.log(LAW.weights((R, B, K), np.random.default_rng(seed)).mean(-1)) + off
    point = {
        "reference": -50.0,
        "reference_stderr": reference_stderr,
        "reference_degrees": np.inf,
        "reference_doubtful": 0.0,
        "c2": LAW.moment(2),
        "c2_stderr": 0.0,
        "c3": LAW.moment(3),
        "c3_stderr": 0.0,
        "khat": 0.1,
    }
    arrays = {name: np.full(B, value) for name, value in point.items()}
    arrays |= {"estimates": errors - 50.0, "log_mean_ratio": errors, "x_group": np.arange(B)}
    arrays |= {"c2_halves": np.full((2, B), np.nan), "khat_halves": np.full((2, B), np.nan)}
    facts = {"expansion": "log-mean", "bias_order": 1, "moments_exact": True, "epsilon": 2.2e-16}
    return StoredCell(Cell("law", "iwae", K), facts, arrays, None)


@pytest.mark.parametrize(
    ("off", "reference_stderr", "controlled"), [(0.0, 0.0, True), (0.3, 0.0, False), (0.05, 0.05, True)]
)
def test_row_and_slopes_use_controls_in_the_same_cells(off, reference_stderr, controlled):
    """.3 nats are 100 errors of the mean weight; .05 nats 17, but no more than the reference is unsure of."""
    cell = stored(off, reference_stderr)
    plain, best = (errors_in(cell, controlled=wanted).errors for wanted in (False, True))
    assert np.array_equal(plain, best) != controlled
    row = statistics_row(cell_arrays(cell))
    assert np.isfinite(row["bias_controlled"]) == controlled
    assert (row["weight_check"] == "fails") != controlled
    if controlled:
        assert row["bias_controlled"] == pytest.approx(best.mean())
