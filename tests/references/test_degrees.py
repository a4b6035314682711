"""Degrees of freedom of a reference's standard error: how wide its 95% interval has to be."""

from __future__ import annotations

import numpy as np
import pytest

from evidence_bench.benchmarks.references import AnnealedRun, LongRun, Sandwich, cache, reference_of
from evidence_bench.benchmarks.references.estimates import Estimates, welch
from evidence_bench.models.vaes.digits import DigitsVAE
from tests.references.test_long_run import Hidden


@pytest.fixture(autouse=True)
def short(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    chains = AnnealedRun(groups=5, chains=1, steps=20, leapfrogs=1)
    monkeypatch.setattr("evidence_bench.benchmarks.references.methods.AnnealedRun", lambda: chains)
    monkeypatch.setattr(
        "evidence_bench.benchmarks.references.methods.LongRun", lambda: LongRun(runs=8, samples=512)
    )


def test_welch_is_its_formula_and_has_its_limits():
    """Two equal parts of 7 each know as much as 14; a part of none adds nothing; one part is itself."""
    parts, degrees = np.array([[1.0, 2.0, 0.0, 3.0], [1.0, 0.0, 0.0, 4.0]]), np.array([[7.0], [5.0]])
    by_hand = (9 + 16) ** 2 / (81 / 7 + 256 / 5)
    np.testing.assert_allclose(
        welch(parts, np.broadcast_to(degrees, parts.shape)), [4 / (1 / 7 + 1 / 5), 7.0, np.inf, by_hand]
    )
    assert welch(np.ones((2, 1)), np.full((2, 1), 7.0)) == pytest.approx(14)
    assert welch(np.ones((2, 1)), np.array([[np.inf], [7.0]])) == pytest.approx(28)


@pytest.mark.parametrize(("kind", "least", "most"), [("adaptive", 7, 7), ("annealed", 4, 4)])
def test_one_method_has_its_runs_or_groups_less_one(kind, least, most):
    reference = reference_of(Hidden(DigitsVAE()), DigitsVAE().data(2), kind)
    assert reference.degrees.shape == (2,)
    assert ((reference.degrees >= least) & (reference.degrees <= most)).all()


def test_two_methods_have_no_fewer_than_the_smaller_and_no_more_than_both():
    reference = reference_of(Hidden(DigitsVAE()), DigitsVAE().data(2), "combined")
    assert ((reference.degrees >= 4 - 1e-9) & (reference.degrees <= 11 + 1e-9)).all()


def test_half_a_gap_is_no_sample():
    """It has no degrees of its own, so the more of the error it is the more the interval is a normal one."""
    seven = np.full(2, 7.0)
    lower = Estimates(np.array([0.0, 0.0]), np.array([0.1, 0.1]), seven, 1.0)
    upper = Estimates(np.array([0.0, 2.0]), np.array([0.1, 0.1]), seven, 1.0)
    middle = Sandwich(lower, upper).middle
    np.testing.assert_allclose(middle.stderr, np.sqrt([0.02, 1.02]))
    np.testing.assert_allclose(middle.degrees, [14.0, 1.02**2 / (2 * 0.01**2 / 7)])


def test_what_a_model_knows_has_infinitely_many():
    x = DigitsVAE().data(2)
    assert np.isinf(reference_of(DigitsVAE(), x).degrees).all()
    assert np.isinf(reference_of(Hidden(DigitsVAE()), x, "none").degrees).all()
