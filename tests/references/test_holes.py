"""Annealed chains where log_joint is minus infinity on a part of the space."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evidence_bench.benchmarks.references import AnnealedRun, cache, reference_of
from evidence_bench.benchmarks.references.annealed import unseen
from tests.references.shapes import SHAPES, Shaped, half_normal

HALF = SHAPES["half-normal, 1"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))


def test_the_error_of_few_chains_knows_of_those_that_weigh_nothing():
    """n weights, each zero with chance h, else equal: sd of their mean over its mean."""
    draws = np.random.default_rng(0).binomial(16, 0.8, 100_000) / 16
    assert unseen(torch.tensor([0.2]), 16).item() == pytest.approx(draws.std() / draws.mean(), rel=0.02)
    assert unseen(torch.tensor([0.0]), 16).item() == 0


def test_no_point_is_further_off_than_its_error_explains():
    """60 points of which a chain begins in the hole with chance .07, so that 16 often meet none of it.

    Beyond 4 stated errors, of Student's t with 7 degrees, lies .5%; three or more of 60 have a chance of .4%.
    Where the chains speak for themselves 32% do, and fewer than three have one of 1e-7.
    """
    model = Shaped(half_normal, 1, 0.9, 0.15)
    x = model.data(60)
    estimates = AnnealedRun().estimate(model, x)
    off = np.abs(estimates.value - model.truth(x).numpy())
    assert (off > 4 * estimates.stderr).sum() < 3
    assert "minus infinity at up to" in reference_of(model, x[:4], "annealed").how


def test_the_share_of_holes_is_the_proposals():
    """z = .8 + .6 * 4 e is negative with chance .369; 1024 draws give that within .06 (4 standard errors)."""
    _, holes = AnnealedRun(steps=20).estimate_with_holes(HALF, HALF.data(4))
    np.testing.assert_allclose(holes, 0.369, atol=0.06)
    _, none = AnnealedRun(steps=20).estimate_with_holes(SHAPES["two modes, 2"], HALF.data(2))
    assert not none.any()
