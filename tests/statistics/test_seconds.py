"""A median time's standard error and interval, from few rounds: as large as they should be."""

import numpy as np
import pandas as pd
import pytest

from evidence_bench.benchmarks.measuring.timing import FEWEST_ROUNDS, ROUNDS, Timing
from evidence_bench.benchmarks.record.cell_files import ARRAYS
from evidence_bench.benchmarks.record.results import NEARLY_95, result_row
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.statistics.medians import median_interval
from evidence_bench.benchmarks.statistics.times import median_stderr
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.reports.figures.throughput import data

JITTER = {
    "normal": lambda noise, shape: 1 + 0.02 * noise.standard_normal(shape),
    "lognormal": lambda noise, shape: np.exp(0.3 * noise.standard_normal(shape)),
    "delays": lambda noise, shape: 1 + 0.02 * noise.exponential(size=shape) - 0.02 * np.log(2),
}


@pytest.mark.parametrize("rounds", [3, 4, 5, 7, 10, 15])
def test_the_standard_error_of_a_median_is_right_on_average(rounds):
    """1.2533 sd / sqrt(n) within 3%: of 20,000 values, so to .5%. Each factor dropped is 13 to 48% off.

    The sd of the median itself is 1.2533 sd / sqrt(n) for many values and up to 15% less for few.
    """
    values = np.random.default_rng(rounds).standard_normal((20000, rounds))
    stated = median_stderr(values)
    assert stated.mean() == pytest.approx(1.2533 / np.sqrt(rounds), rel=0.03)
    assert 0.97 <= stated.mean() / np.median(values, axis=1).std() <= 1.18
    assert Timing.of(list(values[0]), 0).seconds_stderr == pytest.approx(stated[0])


def timed(rounds) -> StoredCell:
    """A cell whose rounds took that long: 4 points, 10 evaluations each."""
    points, one = 4, np.ones(4)
    arrays = {
        name: np.ones((2, points)) if name.endswith("_halves") else one
        for name in ARRAYS | {"c2_stderr", "c3_stderr"}
    }
    arrays |= {"estimates": np.ones((3, points)), "x_group": np.arange(points)}
    facts = {"evaluations": 10.0, "expansion": "none", "bias_order": 1, "moments_exact": False}
    facts |= {"epsilon": 2.2e-16, "iid": True, "bound": "none", "bounded_n": 0, "asymmetry": None}
    timing = vars(Timing.of(list(rounds), 0))
    return StoredCell(Cell("m", "e", 8), facts, arrays, timing)


@pytest.mark.parametrize("law", JITTER)
def test_intervals_of_time_and_throughput_cover(law):
    """Five rounds: 93.75% whatever the law; 4000 repetitions, standard error .004.

    Left by chance in 1e-5 of seeds. Value -+ 1.96 uncorrected standard errors covers 74 to 79%.
    """
    rounds = JITTER[law](np.random.default_rng(5), (4000, ROUNDS))
    found = [median_interval(row) for row in rounds]
    assert found[0].coverage >= NEARLY_95
    assert 0.92 <= np.mean([one.low <= 1 <= one.high for one in found]) <= 0.97


def test_the_table_and_the_figure_have_the_interval_of_the_rounds():
    row = result_row(timed([0.1, 0.4, 0.2, 0.25, 0.3]))
    assert (row["seconds"], row["seconds_low"], row["seconds_high"]) == (0.25, 0.1, 0.4)
    assert row["evaluations_per_second"] == pytest.approx(4 * 10 / 0.25)
    (drawn,) = data(pd.DataFrame([row])).to_dict("records")
    assert (drawn["low"], drawn["high"]) == pytest.approx((4 * 10 / 0.4, 4 * 10 / 0.1))


def test_fewer_than_five_rounds_have_no_95_percent_interval():
    row = result_row(timed([0.1, 0.4, 0.2][:FEWEST_ROUNDS]))
    assert (row["seconds"], np.isnan(row["seconds_low"]), np.isnan(row["seconds_high"])) == (0.2, True, True)
