"""Law: the weights of a sampler with identity p average to p(x)."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.benchmarks.laws.cases import Truncated
from evidence_bench.estimators.base import Identity
from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.models.oracles.gaussian_20d import Gaussian20D
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.weight_laws import LognormalLaw
from evidence_bench.models.randomness import keyed_generator
from tests.samplers.instances import (
    CORRELATED,
    IID,
    IN_NOISE_SPACE,
    ORACLES,
    SMALL,
    NonlinearLaw,
    c2_of,
    data,
    log_mean,
)
from tests.statistical import assert_mean

ROWS, K = 2000, 64
SEES = 0.05
# assert_mean needs 6.3 standard errors within what it is to see; 6.5 leaves room for the estimated one.
LARGEST_C2 = ROWS * K * (SEES / 6.5) ** 2  # far below draws / 100
ROUNDING = 1e-10


def _left_out(sampler, model, x):
    """Why a pair cannot be judged by a mean of so many draws, or None."""
    proposal = model.proposal(x)
    if sampler in IN_NOISE_SPACE and not proposal.bijective:
        return "the proposal is not bijective"
    c2 = float(c2_of(sampler, model, x).mean())
    if math.isinf(c2):
        return "c2 is infinite"
    return f"c2 is {c2:.3g}, above {LARGEST_C2:.3g}" if c2 > LARGEST_C2 else None


@pytest.mark.parametrize("model", [*ORACLES, Truncated()], ids=repr)
@pytest.mark.parametrize("sampler", IID, ids=repr)
def test_weights_of_iid_samplers_average_to_the_evidence(sampler, model):
    assert sampler.identity is Identity.EVIDENCE
    x = data(model, ROWS)
    if reason := _left_out(sampler, model, x):
        pytest.skip(f"{sampler!r} on {model!r}: {reason}")
    log_w = sampler(model, x, K, keyed_generator((2, repr(sampler), repr(model)))).log_w
    ratio = (log_mean(log_w) - model.log_evidence(x)).exp()
    if float(ratio.std()) < ROUNDING:  # constant weights: nothing is left to chance
        torch.testing.assert_close(ratio, torch.ones_like(ratio), rtol=0, atol=ROUNDING)
    else:
        assert_mean(ratio.numpy(), 1.0, sees=SEES)


ISSUE = LinearGaussian(latents=20, observed=40, weight_sd=0.3, shift=0.5, scale=1.3)
ADAPTIVE_CASES = (
    (LognormalLaw(s2=0.25), 256, 0.01),
    (LognormalLaw(s2=1.0), 256, 0.02),
    (Truncated(), 256, 0.03),
    (SMALL, 256, 0.02),
    (CORRELATED, 256, 0.1),
    (NonlinearLaw(), 256, 0.03),
    (Gaussian20D(), 256, 0.05),
)


HARD_CASES = (
    pytest.param("auto", ISSUE, 512, 0.03, id="issue-auto"),
    pytest.param("encoder", ISSUE, 1024, 0.1, id="issue-encoder", marks=pytest.mark.slow),
)
EASY_CASES = tuple((start, *case) for start in ("auto", "encoder") for case in ADAPTIVE_CASES)


@pytest.mark.parametrize(("start", "model", "k", "sees"), [*EASY_CASES, *HARD_CASES])
def test_adaptive_estimates_average_to_the_evidence(start, model, k, sees):
    x = torch.randn(ROWS, 3, generator=keyed_generator((3,)), dtype=torch.float64)
    if not isinstance(model, NonlinearLaw):
        x = data(model, ROWS)
    sampler = Adaptive(start=start)
    log_w = sampler(model, x, k, keyed_generator((4, start, repr(model)))).log_w
    assert_mean((log_mean(log_w) - model.log_evidence(x)).exp().numpy(), 1.0, sees=sees)
