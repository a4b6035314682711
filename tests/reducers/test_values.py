"""Reducers against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.estimators.reducers import Delta, Jackknife, LogMeanExp, Mean

W = torch.tensor([1.0, 2.0, 3.0, 6.0], dtype=torch.float64)


def test_mean_of_logs():
    assert Mean()(W.log()).item() == pytest.approx(math.log(36) / 4, rel=1e-14)


def test_log_of_mean():
    assert LogMeanExp()(W.log()).item() == pytest.approx(math.log(3), rel=1e-14)


def test_delta_method():
    variance = (4 + 1 + 0 + 9) / 3
    assert Delta()(W.log()).item() == pytest.approx(math.log(3) + variance / (2 * 4 * 9), rel=1e-14)


def test_first_jackknife():
    left_out = [math.log((12 - w) / 3) for w in W.tolist()]
    expected = 4 * math.log(3) - 3 * sum(left_out) / 4
    assert Jackknife()(W.log()).item() == pytest.approx(expected, rel=1e-14)


def test_first_jackknife_of_a_dominating_weight():
    """Leaving it out by subtraction gives log 0 and an infinite value."""
    assert Jackknife()(torch.tensor([0.0, -40.0, -41.0, -60.0])).item() == pytest.approx(27.5157, abs=5e-5)


@pytest.mark.parametrize("zeros", [1, 3, 12])
def test_weights_of_zero_count_in_k(zeros):
    padded = torch.cat([W.log(), torch.full((zeros,), -torch.inf)])
    assert LogMeanExp()(padded).item() == pytest.approx(math.log(12 / (4 + zeros)), rel=1e-14)
    assert Mean()(padded).item() == -math.inf
