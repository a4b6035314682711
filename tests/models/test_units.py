"""Activity and KL of latent units: the terms add up to the divergence, and a unit of the prior has none."""

from __future__ import annotations

import pytest
import torch

from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.networks.tanh import initialise
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training import units
from evidence_bench.models.training.units import latent_units
from evidence_bench.models.vaes import architecture


def _network(layers):
    network = architecture.build(architecture.of_paper(36, layers)).requires_grad_(False)
    initialise(network, keyed_generator(("units", layers)))
    return network


@pytest.mark.parametrize("layers", [1, 2])
def test_terms_add_up_to_the_divergence_from_the_prior(layers):
    """Against the mean of log q(z|x) - log p(z) over 4000 draws an image: exceeded by 4.5 standard errors in
    1e-5 of seeds; leaving out a layer, or the scale in a density, would be off by whole nats."""
    network = _network(layers)
    x = torch.rand(12, 36, generator=keyed_generator(("images",))).round()
    total = sum(float(layer.kl.sum()) for layer in latent_units(network, x))
    proposal = network.proposal(x)
    z, log_q = proposal.draw(proposal.noise(4000, keyed_generator(("noise",))))
    terms = (log_q - network.log_prior(z)).double()
    error = float((terms.var(-1) / 4000).sum().sqrt()) / 12
    drawn = float((terms.var(-1) / 32).sum().sqrt()) / 12 if layers == 2 else 0.0
    assert total > 1
    assert abs(total - float(terms.mean())) < 4.5 * (error**2 + drawn**2) ** 0.5 + 1e-4


def test_a_unit_whose_encoder_is_the_prior_has_neither_activity_nor_divergence():
    network = _network(1)
    outputs = network.encoder.outputs[0]
    for row in (3, 3 + 50):  # mean and log sd of unit 3
        outputs.weight[row], outputs.bias[row] = 0.0, 0.0
    x = torch.rand(10, 36, generator=keyed_generator(("images",))).round()
    (layer,) = latent_units(network, x)
    assert layer.kl[3] == 0
    assert layer.activity[3] == 0
    assert (layer.kl > 0).sum() == 49


def test_the_size_of_a_chunk_changes_nothing(monkeypatch):
    network = _network(2)
    x = torch.rand(90, 36, generator=keyed_generator(("images",))).round()
    together = latent_units(network, x)
    monkeypatch.setattr(units, "ROWS", 7 * units.UNIT_DRAWS)
    for one, other in zip(together, latent_units(network, x), strict=True):
        torch.testing.assert_close(one.kl, other.kl, rtol=1e-5, atol=1e-6)


def test_other_encoders_are_refused_by_a_sentence():
    digits = build_model("digits-vae")[1]
    with pytest.raises(NotApplicable, match="Gaussian encoder"):
        latent_units(digits.network(), digits.data(3))
