"""A model without mass where some replicates draw: all their weights are zero, and a run says so quietly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evidence_bench.benchmarks.statistics.arrays import mean_of_defined
from tests.bench.reading import results

HALF = """
import math
from dataclasses import dataclass
import torch
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian

@dataclass(frozen=True)
class Half:
    far: float = 0.0
    def data(self, n): return torch.linspace(-1, 1.5, n, dtype=torch.float64)[:, None]
    def prior(self, x): return Gaussian(0 * x, 0 * x)
    def proposal(self, x): return Gaussian(0 * x + self.far, 0 * x)
    def log_joint(self, x, z):
        value = self.prior(x).log_prob(z) + Gaussian(x, 0 * x).log_prob(z)
        return torch.where(z[..., 0] > 0, value, -math.inf)

def register(bench):
    bench.add_model("half", Half)
"""
SETTINGS = ["--estimators", "iwae,elbo,jvi", "--samples", "2,8", "--replicates", "6", "--points", "3"]


@pytest.fixture
def half(bench, tmp_path):
    """half(far) -> the results of the model with its proposal moved to ``far``; any warning is an error."""
    (tmp_path / "half.py").write_text(HALF)

    def call(far):
        options = ["--plugin", "half.py", "--models", f"half[far={far}]", "--reference", "none"]
        status, folder = bench(*options, *SETTINGS, small=False)
        assert status == 0
        return results(folder), pd.read_csv(folder / "points.csv")

    return call


def test_some_replicates_have_no_weight_above_zero(half):
    """At -1.5 a draw is above zero with probability .067: all of 8 are below with .57, of 2 with .87."""
    rows, points = half(-1.5)
    assert (rows["n_not_finite"] > 0).all()
    assert ((rows["ess"] > 0) & (rows["ess"] < 2)).all()
    assert ((rows["max_weight"] > 1 / 8) & (rows["max_weight"] <= 1)).all()
    assert points["ess"].notna().all()


def test_no_replicate_has_one(half):
    rows, points = half(-40)
    assert (rows["ess"] == 0).all()
    assert rows["max_weight"].isna().all()
    assert (points["ess"] == 0).all()
    assert (rows["log_evidence"] == -np.inf)[rows["estimator"] != "jvi"].all()


def test_the_mean_of_what_is_defined():
    values = np.array([[1.0, np.nan], [3.0, np.nan]])
    assert mean_of_defined(values) == 2
    np.testing.assert_array_equal(mean_of_defined(values, axis=0), [2, np.nan])
    np.testing.assert_array_equal(mean_of_defined(values, axis=1), [1, 3])
