"""The shipped MNIST models on the real test images, where they are at hand."""

from __future__ import annotations

import os

import pytest

from evidence_bench.models.catalogue import build_model
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training.objectives import log_weights
from evidence_bench.models.zoo import shipped_cards
from tests.statistical import assert_mean

pytestmark = pytest.mark.skipif(
    "EVIDENCE_BENCH_DATA" not in os.environ, reason="EVIDENCE_BENCH_DATA names no folder with real data"
)


@pytest.mark.parametrize("name", sorted(n for n in shipped_cards() if n.startswith("mnist-")))
def test_the_card_tells_the_elbo_of_the_test_images(name):
    """The card's is the mean over the same images of 5000 draws; its own noise is a thousandth of a nat."""
    model = build_model(name)[1]
    x = model.data(10_000)
    log_w = log_weights(model.network(), x, 16, keyed_generator(("another ELBO",))).double()
    assert_mean(log_w.mean(0).numpy(), model.card["test"]["elbo"], sees=0.2)
