"""Annealed references: against exact evidence, from both sides, kept on disk, each point for itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from evidence_bench.benchmarks.references import (
    AnnealedRun,
    LongRun,
    Sandwich,
    cache,
    reference,
    reference_of,
)
from evidence_bench.benchmarks.references.annealed import log_mean_of_groups
from evidence_bench.benchmarks.references.sandwich import BOTH_WAYS
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import BadWeights, NotApplicable
from evidence_bench.models.offers import simulated_latents
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.vaes.digits import DigitsVAE
from tests.references.test_long_run import Hashed, Hidden

SHORT = AnnealedRun(groups=8, chains=2, steps=40, leapfrogs=2)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("kind", ["adaptive", "annealed", "combined"])
def test_each_kind_agrees_with_quadrature(kind, monkeypatch):
    """4 digits; the errors are Student-t with 7 degrees of freedom, so 8 standard errors are exceeded in
    1e-4 of points. An estimate without the log of its number of weights is off by nats, which is seen."""
    chains = AnnealedRun(steps=400, leapfrogs=2)
    monkeypatch.setattr("evidence_bench.benchmarks.references.methods.AnnealedRun", lambda: chains)
    monkeypatch.setattr("evidence_bench.benchmarks.references.methods.LongRun", lambda: LongRun(samples=2048))
    digits = DigitsVAE()
    x = digits.data(4)
    found = reference_of(Hidden(digits), x, kind)
    off = np.abs(found.log_evidence - digits.log_evidence(x).numpy())
    assert (off < 8 * found.stderr + 1e-5).all(), (off, found.stderr)
    assert (found.stderr < 0.25).all()
    assert found.evaluations > 1000
    assert found.lower is None
    assert "standard error" in found.how


def test_the_sandwich_holds_the_truth():
    """20 points of a model whose encoder is wrong; the midpoint is within 4 of its errors at each.

    The bounds hold in expectation: their means over points are held to 4 standard errors.
    """
    model = LinearGaussian(latents=6, observed=12, weight_sd=0.6, shift=0.5, scale=1.3)
    drawn = model.simulate(20, keyed_generator(("sandwich",)))

    class Encoded(Hidden):  # without curvature: the path starts at the encoder
        def __init__(self, inner):
            super().__init__(inner)
            del self.gauss_newton

    found = Sandwich.of(Encoded(model), drawn.x, drawn.z, SHORT)
    truth = model.log_evidence(drawn.x).numpy()
    for side in (truth - found.lower.value, found.upper.value - truth):
        assert side.mean() > -4 * side.std(ddof=1) / np.sqrt(20)
    assert (np.abs(found.middle.value - truth) < 4 * found.middle.stderr).all()
    assert 0 < found.gap.mean() < 0.5
    assert "evaluations a point" in found.sentence()


def test_simulated_data_get_an_interval(monkeypatch):
    monkeypatch.setattr(reference, "BOTH_WAYS", AnnealedRun(groups=4, chains=1, steps=20))
    name, model = build_model("mnist-elbo-1l[simulated=true]")
    assert name == "mnist-elbo-1l[simulated=true]"
    x = model.data(2)
    found = reference_of(model, x)
    assert found.lower.shape == found.upper.shape == (2,)
    np.testing.assert_allclose(found.log_evidence, (found.lower + found.upper) / 2)
    assert "backwards" in found.how
    assert np.isnan(reference_of(model, x, "none").log_evidence).all()
    assert simulated_latents(model, x.flip(0)) is None


def test_simulated_points_are_the_same_for_every_number_and_come_from_their_latents():
    model = build_model("mnist-elbo-1l[simulated=true]")[1]
    x, z = model.data(6), model.latents(6)
    assert torch.equal(x[:2], model.data(2))
    assert torch.equal(z[:2], model.latents(2))
    own, others = model.log_joint(x, z[:, None]), model.log_joint(x, z.flip(0)[:, None])
    assert (own > others + 10).all()
    with pytest.raises(NotApplicable, match="simulated=true"):
        build_model("mnist-elbo-1l")[1].latents(2)
    digits = DigitsVAE(simulated=True)
    assert digits.data(2).shape == (2, 64)
    assert digits.latents(2).shape == (2, 2)


def test_the_log_mean_and_its_error_are_those_of_the_groups():
    log_w = torch.tensor([[[1.0, 3.0], [2.0, 2.0], [4.0, 4.0]]], dtype=torch.float64).log()
    value, stderr = log_mean_of_groups(log_w)
    groups = np.array([2.0, 2.0, 4.0])
    assert value.item() == pytest.approx(np.log(groups.mean()))
    assert stderr.item() == pytest.approx(groups.std(ddof=1) / groups.mean() / np.sqrt(3))


def test_a_point_does_not_depend_on_the_others():
    model, x = Hidden(DigitsVAE()), DigitsVAE().data(5)
    alone, together = SHORT.estimate(model, x[3:4]), SHORT.estimate(model, x)
    assert alone.value[0] == pytest.approx(together.value[3], abs=1e-4)
    assert alone.stderr[0] == pytest.approx(together.stderr[3], abs=1e-4)


def test_it_is_kept_and_read_again(folder, monkeypatch):
    digits = DigitsVAE(simulated=True)
    model, x, z = Hashed(digits), digits.data(3), digits.latents(3)
    first = SHORT.estimate(model, x[:2])
    (file,) = (folder / "references").glob("*.json")
    assert len(json.loads(file.read_text())) == 2
    SHORT.estimate(model, x[:1], z[:1])  # backwards: a file of its own
    AnnealedRun(groups=8, chains=2, steps=30, leapfrogs=2).estimate(model, x[:1])
    assert len(list((folder / "references").glob("*.json"))) == 3
    measured = []
    original = AnnealedRun._measure
    monkeypatch.setattr(AnnealedRun, "_measure", lambda *a: measured.append(len(a[2])) or original(*a))
    second = SHORT.estimate(model, x)
    assert measured == [1]
    assert np.array_equal(first.value, second.value[:2])


def test_a_model_of_no_mass_is_an_error_that_says_so(monkeypatch):
    monkeypatch.setattr("evidence_bench.benchmarks.references.methods.AnnealedRun", lambda: SHORT)
    model = Hidden(DigitsVAE())
    model.log_joint = lambda x, z: DigitsVAE().log_joint(x, z) - torch.inf
    del model.gauss_newton
    with pytest.raises(BadWeights, match="not finite"):
        reference_of(model, DigitsVAE().data(1), "annealed")


@pytest.mark.slow
def test_the_interval_of_a_trained_model_closes():
    model = build_model("mnist-elbo-1l[simulated=true]")[1]
    found = Sandwich.of(model, model.data(8), model.latents(8), BOTH_WAYS)
    print(found.sentence())
    assert (np.abs(found.gap) < 0.1).all()
