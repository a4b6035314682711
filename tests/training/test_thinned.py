"""The gradient by a few of the weights: exactly that many, unbiased, and the same value."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evidence_bench.estimators.reducers import Jackknife, LogMeanExp, Mean
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.training.objectives import Objective
from evidence_bench.models.training.thinned import Thinned, inclusion, thin, value_and_slope
from evidence_bench.models.vaes import architecture
from tests.statistical import assert_mean

K, KEEP = 12, 4
REDUCERS = {"iwae": LogMeanExp(), "elbo": Mean(), "jvi": Jackknife(1)}
# sd of the log weights: all alike; a few that matter; one that is everything, others underflow
SPREADS = [0.0, 1.0, 5.0, 400.0]


def generator(seed):
    return torch.Generator().manual_seed(seed)


def weights(spread, rows=3):
    return torch.randn(rows, K, generator=generator(1), dtype=torch.float64) * spread


@pytest.mark.parametrize("spread", SPREADS)
def test_probabilities_add_up_to_the_number_kept(spread):
    size = weights(spread).softmax(-1) + 1e-12
    probability = inclusion(size, KEEP)
    assert (probability > 0).all()
    assert (probability <= 1).all()
    torch.testing.assert_close(probability.sum(-1), torch.full((3,), float(KEEP)).double())
    sure = probability == 1
    ratio = torch.where(sure, torch.nan, size / probability)
    for row, own in zip(ratio, sure, strict=True):
        rest = row[~own]
        torch.testing.assert_close(rest, rest[:1].expand_as(rest))  # all others in proportion to their size


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("name", REDUCERS)
def test_the_kept_terms_estimate_every_slope_without_bias(name, spread):
    """Up to 36 means of 4000 draws a case; each sees an error of 10 standard errors, a sixth of its terms."""
    _, slope = value_and_slope(REDUCERS[name], weights(spread))
    draws = 4000
    offset = torch.rand(3 * draws, 1, generator=generator(2), dtype=torch.float64)
    kept, factor = thin(slope.repeat_interleave(draws, 0), KEEP, offset)
    assert kept.shape == (3 * draws, KEEP)
    assert (kept.sort(-1).values.diff(dim=-1) > 0).all()  # no term twice
    estimates = torch.zeros(3 * draws, K, dtype=torch.float64).scatter_add_(1, kept, factor)
    probability = inclusion(slope.abs() + 1e-12, KEEP)
    for row, k in torch.cartesian_prod(torch.arange(3), torch.arange(K)).tolist():
        values = estimates.view(3, draws, K)[row, :, k].numpy()
        if np.ptp(values) == 0 and probability[row, k] > 0.999:
            assert values[0] == pytest.approx(slope[row, k].item())
        elif probability[row, k] * draws > 50 and abs(slope[row, k]) > 1e-100:  # else too rare, or too small
            assert_mean(values, slope[row, k].item(), sees=10 * values.std() / draws**0.5)


def test_keeping_all_is_the_gradient_itself():
    slope = weights(1.0)
    kept, factor = thin(slope, K, torch.rand(3, 1, dtype=torch.float64, generator=generator(0)))
    assert torch.equal(factor, slope)
    assert torch.equal(kept, torch.arange(K).expand(3, K))


@pytest.fixture
def model():
    made = architecture.build({"pixels": 6, "hidden": [[5]], "latents": [2]})
    initialise(made, generator(3))
    return made.double()


def gradient(objective, model, x, seed):
    model.zero_grad()
    torch.autograd.backward(objective(model, x, generator(seed)).sum())
    return torch.cat([p.grad.flatten() for p in model.parameters()])


def test_value_and_gradient_through_a_model(model):
    """The value is that of all k to rounding; the mean gradient agrees, the noise of the draws shared."""
    x = (torch.rand(4, 6, generator=generator(4)) < 0.5).double()
    full = Objective(LogMeanExp(), K)
    thinned = Thinned(full, KEEP)
    for seed in range(3):
        torch.testing.assert_close(
            thinned(model, x, generator(seed)), full(model, x, generator(seed)), rtol=1e-12, atol=0
        )
    off = torch.stack([gradient(thinned, model, x, s) - gradient(full, model, x, s) for s in range(400)])
    z = off.mean(0) / (off.std(0) / 20 + 1e-12)
    assert z.abs().max() < 5  # 400 seeds, some 100 parameters: exceeded in 1e-4 of seeds by a right gradient
    size = gradient(full, model, x, 0).norm()
    assert off.std(0).norm() < size  # so a lost factor would stand out by 20 standard errors


def test_discrete_latents_are_refused():
    bits = architecture.build({"pixels": 6, "hidden": [[5]], "latents": [2], "latent": "bernoulli"})
    with pytest.raises(NotApplicable, match="--follow"):
        Thinned(Objective(LogMeanExp(), K), KEEP)(bits, torch.zeros(1, 6), generator(0))
