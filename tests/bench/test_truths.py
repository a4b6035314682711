"""What the bench measures, end to end, against what is known: the truths and the verdicts."""

import math

import numpy as np
import pytest

from evidence_bench.benchmarks.measuring.measurement import measure, plan_draws
from evidence_bench.benchmarks.measuring.subject import load_subject
from evidence_bench.benchmarks.record.results import result_row
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.catalogue import build_estimator

FALSE_FAIL = "4 standard errors: a correct program exceeds them in 6e-5 of seeds, for each figure"


def rows(model, estimators, samples, replicates=200, points=32):
    """The rows of the table, by (estimator, K), without writing or timing anything."""
    settings = Settings((model,), tuple(estimators), tuple(samples), replicates, points)
    subject = load_subject(model, settings)
    built = [build_estimator(name) for name in estimators]
    cells = [(Cell(subject.name, e.name, k), e) for e in built for k in samples if k >= e.min_k]
    found = {}
    for draw in plan_draws(cells, subject, list(samples)):
        for one in measure(draw, settings):
            stored = StoredCell(one.cell, one.facts, one.arrays, None)
            found[one.cell.estimator, one.cell.k] = result_row(stored)
    return found


LOGNORMAL = {1: -0.5, 2: -0.290485, 8: -0.089948, 64: -0.012941, 512: -0.001669}


def test_lognormal_bias_is_the_known_one():
    found = rows("lognormal", ["iwae"], LOGNORMAL, replicates=500, points=100)
    for k, truth in LOGNORMAL.items():
        row = found["iwae", k]
        assert abs(row["bias"] - truth) < 4 * row["bias_stderr"], (k, FALSE_FAIL)
    row = found["iwae", 512]
    assert abs(row["bias_controlled"] - LOGNORMAL[512]) < 4 * row["bias_controlled_stderr"], FALSE_FAIL
    assert row["bias_controlled_stderr"] < 1e-5  # sees an error of 4e-5 in a bias of 1.7e-3


def test_gaussian_20d_is_the_known_one():
    """ELBO gap .4565, bias and variance at K = 8 and 64 (at K = 8 the exact bias is -.05706)."""
    found = rows("gaussian-20d", ["elbo", "iwae"], [8, 64], replicates=500, points=100)
    known = {8: (-0.05706, 0.1181), 64: (-0.00709, 0.01424)}
    for k, (bias, variance) in known.items():
        row = found["iwae", k]
        kind = "bias_controlled" if math.isfinite(row["bias_controlled"]) else "bias"
        assert abs(row[kind] - bias) < 4 * row[f"{kind}_stderr"] + 5e-6, (k, FALSE_FAIL)
        assert abs(row["variance"] - variance) < 4 * row["variance_stderr"] + 5e-5, (k, FALSE_FAIL)
    row = found["elbo", 8]
    assert abs(row["bias"] + 0.4565) < 4 * row["bias_stderr"] + 5e-5, FALSE_FAIL
    row = found["iwae", 64]
    assert row["bias_controlled_stderr"] < row["bias_stderr"] / 4


@pytest.mark.parametrize("model", ["linear-gaussian", "lognormal[s2=0.25]", "digits-vae"])
def test_proposition_2_holds_wherever_the_regime_is_reached(model):
    samples = [2**i for i in range(10)]
    found = rows(model, ["iwae"], samples)
    verdicts = [found["iwae", k]["verdict"] for k in samples]
    first = verdicts.index("agrees")
    assert set(verdicts[:first]) <= {"not in the asymptotic regime"}
    assert set(verdicts[first:]) == {"agrees"}
    assert first <= len(samples) - 3  # so that at least three K are judged


def test_far_from_the_regime_no_verdict_is_given():
    found = rows("lognormal[s2=4]", ["iwae"], [64])
    assert found["iwae", 64]["verdict"] == "not in the asymptotic regime"
    assert np.isnan(found["iwae", 64]["bias_controlled"])


def test_a_perfect_proposal_has_no_error():
    found = rows("linear-gaussian[shift=0,scale=1,diagonal=false]", ["elbo", "iwae"], [1, 8], 10, 4)
    assert all(row["rmse"] < 1e-12 for row in found.values())


def test_the_prior_is_a_worse_proposal_than_the_encoder():
    found = rows("digits-vae", ["iwae", "prior", "student-t"], [64], 100, 16)
    assert found["prior", 64]["rmse"] > 2 * found["iwae", 64]["rmse"]
    assert found["prior", 64]["ess"] < found["iwae", 64]["ess"]
