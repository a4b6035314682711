"""Laws of the effective sample size and of the largest weight share."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.estimators.diagnostics import effective_sample_size, largest_weight_share
from evidence_bench.models.errors import BadWeights, NotApplicable
from evidence_bench.models.randomness import keyed_generator

BOTH = (effective_sample_size, largest_weight_share)


def _log_w(*shape):
    return 2 * torch.randn(*shape, generator=keyed_generator(("ess",)), dtype=torch.float64)


def test_they_are_what_their_formulas_say():
    log_w = _log_w(3, 50)
    w = log_w.exp()
    torch.testing.assert_close(effective_sample_size(log_w), w.sum(-1).square() / w.square().sum(-1))
    torch.testing.assert_close(largest_weight_share(log_w), w.amax(-1) / w.sum(-1))


@pytest.mark.parametrize("diagnostic", BOTH)
@pytest.mark.parametrize("level", [-700.0, 700.0, 1e5])
def test_they_ignore_the_level(diagnostic, level):
    torch.testing.assert_close(diagnostic(_log_w(3, 50) + level), diagnostic(_log_w(3, 50)))


@pytest.mark.parametrize("diagnostic", BOTH)
def test_batched_is_stacked_and_float64(diagnostic):
    log_w = _log_w(2, 3, 50).float()
    stacked = torch.stack([torch.stack([diagnostic(row) for row in block]) for block in log_w])
    assert stacked.dtype == torch.float64
    torch.testing.assert_close(diagnostic(log_w), stacked)


@pytest.mark.parametrize("diagnostic", BOTH)
def test_scalars_and_rows_without_weights_are_refused(diagnostic):
    with pytest.raises(BadWeights, match="last axis"):
        diagnostic(torch.tensor(0.5))
    for shape in ((0,), (3, 0)):
        with pytest.raises(NotApplicable, match="K of at least 1, not 0"):
            diagnostic(torch.zeros(shape))


def test_extremes():
    equal, one = torch.zeros(20), torch.full((20,), -math.inf)
    one[3] = 5.0
    assert effective_sample_size(equal).item() == pytest.approx(20)
    assert largest_weight_share(equal).item() == pytest.approx(1 / 20)
    assert effective_sample_size(one).item() == 1
    assert largest_weight_share(one).item() == 1


def test_where_all_weights_are_zero_none_counts_and_none_is_the_largest():
    log_w = torch.zeros(2, 20)
    log_w[0] = -math.inf
    assert effective_sample_size(log_w).tolist() == pytest.approx([0, 20])
    share = largest_weight_share(log_w)
    assert share[0].isnan()
    assert share[1].item() == pytest.approx(1 / 20)
