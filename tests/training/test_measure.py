"""What a card says of a model against what is known of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from evidence_bench.models.errors import BadOption
from evidence_bench.models.networks.encoders import GaussianEncoder
from evidence_bench.models.networks.tanh import TanhNetwork
from evidence_bench.models.oracles import quadrature
from evidence_bench.models.training import measure
from evidence_bench.models.vaes.digits import DigitsVAE
from evidence_bench.models.vaes.vae import VAE, image_vae
from tests.statistical import assert_mean
from tests.training.tiny import ARCHITECTURES, bits, tiny

UNITS = 3


def test_likelihood_agrees_with_quadrature():
    """At K = 400 the estimate of log p is too low by c2/(2K) = 0.004 nats; the next term is 3e-6 (exact c3).

    60 seeds of 20 images see an error of 0.016 nats, of a likelihood of 20.
    """
    digits, k = DigitsVAE(), 400
    x = digits.data(20)
    model = digits.network(torch.float32)
    log_p, error = quadrature.log_evidence(digits, x)
    bias = digits.weight_moments(x).c2 / (2 * k)
    found = np.array(
        [measure.negative_log_likelihood(model, x, k, seed)["negative_log_likelihood"] for seed in range(60)]
    )
    assert float(error.max()) < 1e-5
    assert_mean(found, float(-log_p.mean() + bias.mean()), sees=0.016)


def test_one_sample_gives_the_elbo():
    found = measure.negative_log_likelihood(tiny(), bits(50), 1)
    assert found["negative_log_likelihood"] == pytest.approx(-found["elbo"], rel=1e-12)
    assert found["images"] == 50


def test_more_samples_are_nearer_and_the_bound_below():
    found = [measure.negative_log_likelihood(tiny(), bits(50), k) for k in (2, 20, 2000)]
    values = [one["negative_log_likelihood"] for one in found]
    assert values == sorted(values, reverse=True)
    assert all(-one["elbo"] > one["negative_log_likelihood"] for one in found)


def test_a_perfect_encoder_gives_the_exact_likelihood_and_its_error_over_images():
    """z does nothing and q is the prior: every weight is p(x), a product of independent pixels."""
    x, model = bits(50, dtype=torch.float64), tiny("one layer", torch.float64)
    for parameter in model.parameters():
        parameter.data.zero_()
    logits = torch.linspace(-2, 2, 8, dtype=torch.float64)
    model.decoder.linear[-1].bias.data.copy_(logits)
    log_p = (x * logits - nn.functional.softplus(logits)).sum(-1)
    found = measure.negative_log_likelihood(model, x, 3)
    assert found["negative_log_likelihood"] == pytest.approx(-float(log_p.mean()), rel=1e-13)
    assert found["elbo"] == pytest.approx(float(log_p.mean()), rel=1e-13)
    stderr = np.std(log_p.numpy(), ddof=1) / math.sqrt(50)
    for name in ("negative_log_likelihood_stderr", "elbo_stderr"):
        assert found[name] == pytest.approx(stderr, rel=1e-12)


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_how_many_images_are_measured_at_a_time_changes_nothing(kind, monkeypatch):
    model, x = tiny(kind, torch.float64), bits(30, dtype=torch.float64)
    found = []
    for rows in (20_000, 350, 1):
        monkeypatch.setattr(measure, "ROWS", rows)
        likelihood = measure.negative_log_likelihood(model, x, 50)
        found.append([*likelihood.values(), *torch.cat(measure.unit_activity(model, x)).tolist()])
    assert found[1] == pytest.approx(found[0], rel=1e-11)
    assert found[2] == pytest.approx(found[0], rel=1e-11)


def test_no_samples_are_refused():
    with pytest.raises(BadOption, match="at least 1 sample"):
        measure.negative_log_likelihood(tiny(), bits(3), 0)


def _linear(slopes, *later):
    """An encoder without hidden layers: mean_u = slopes_u x_u, and so on for each later layer; sd 1."""
    widths = [len(slopes)] * (1 + len(later))
    encoder = GaussianEncoder(8, [[]] * len(widths), widths)
    for layer, diagonal in zip(encoder.outputs, (slopes, *later), strict=True):
        for unit, slope in enumerate(diagonal):
            layer.weight.data[unit, unit] = slope
    if not later:
        return VAE(encoder, TanhNetwork([len(slopes), 8]), len(slopes))
    return image_vae(8, encoder, [[]] * len(widths), widths)


def test_active_units_of_one_layer_are_those_whose_mean_moves():
    """Of a fair bit the variance is 1/4: a slope of 0.2 puts a unit at the limit of 0.01."""
    x = bits(400)
    model = _linear([0.3, 0.1, 0.0])
    variance = x[:, :UNITS].double().var(0)
    expected = variance * torch.tensor([0.3, 0.1, 0.0]).double() ** 2
    torch.testing.assert_close(measure.unit_activity(model, x)[0], expected, rtol=1e-6, atol=0)
    assert measure.active_units(model, x) == [1]
    assert measure.active_units(_linear([0.3, -0.3, 2.0]), x) == [3]
    assert measure.active_units(_linear([0.0, 0.0, 0.0]), x) == [0]


def test_activity_of_a_second_layer_is_unbiased():
    """E[z_2|x] = b a x, known exactly; one set of draws instead of two would add b^2 / 32 to the variance."""
    x, first, second = bits(60), [0.6, 0.3, 0.0], [0.5, 1.0, 0.5]
    model = _linear(first, second)
    exact = x[:, :UNITS].double().var(0) * (torch.tensor(first) * torch.tensor(second)).double() ** 2
    found = torch.stack([measure.unit_activity(model, x, seed)[1] for seed in range(400)])
    for unit, slope in enumerate(second):
        assert_mean(found[:, unit].numpy(), float(exact[unit]), sees=slope**2 / measure.UNIT_DRAWS / 4)
    with torch.no_grad():
        naive = [measure._means(model, x, (seed, "naive"))[1].var(0) for seed in range(400)]
    bias = torch.stack(naive).mean(0) - exact
    assert (bias > torch.tensor(second) ** 2 / measure.UNIT_DRAWS / 2).all()


def test_active_units_of_two_layers():
    """The third unit of layer 2 follows noise alone: its variance is large, its mean never moves."""
    x = bits(400)
    assert measure.active_units(_linear([1.0, 0.1, 0.0], [1.0, 8.0, 1.0]), x) == [1, 2]
