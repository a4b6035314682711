"""The same work on every device that exists: estimates, noise from its own generators, time and memory."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.benchmarks.measuring.memory import budget, peak_bytes
from evidence_bench.benchmarks.measuring.subject import load_subject
from evidence_bench.benchmarks.measuring.timing import ROUNDS, Stopwatch
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.estimators.catalogue import ESTIMATORS, build_estimator
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.networks.fused import bernoulli_log_likelihood
from evidence_bench.models.randomness import keyed_generator, standard_gamma, standard_normal

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
every_device = pytest.mark.parametrize("device", DEVICES)


@every_device
@pytest.mark.parametrize("name", [entry.name for entry in ESTIMATORS])
@pytest.mark.parametrize("model", ["linear-gaussian", "digits-vae", "untrained-vae"])
def test_an_estimate_lives_on_its_device(device, name, model):
    _, built = build_model(model)
    generator = keyed_generator(("device", name), device)
    x = built.simulate(3, generator).x
    assert x.device.type == device
    with torch.no_grad():
        estimator = build_estimator(name)
        value = estimator(built, x, max(300, estimator.min_k), generator)
    assert value.device.type == device
    assert value.shape == (3,)
    assert bool(value.isfinite().all())


@every_device
def test_noise_is_made_there(device):
    where = torch.device(device)
    for draw in (standard_normal, lambda g, *shape: standard_gamma(g, 2.0, *shape)):
        noise = draw(keyed_generator(("noise",), where), 2, 70_000, 1, torch.float32, where)
        assert noise.device.type == device
        assert bool(noise.isfinite().all())


@every_device
def test_the_fused_likelihood_is_the_one_of_the_cpu(device):
    model = build_model("untrained-vae")[1]
    z = torch.randn(3, 50, 50, generator=keyed_generator(("z",)))
    x = model.data(3)
    there = bernoulli_log_likelihood(model.network(device=device).decoder, x.to(device), z.to(device))
    here = bernoulli_log_likelihood(model.network().decoder, x, z)
    torch.testing.assert_close(there.cpu(), here, rtol=0, atol=1e-3)


@every_device
def test_time_and_memory_are_measured_there(device):
    settings = Settings(("linear-gaussian",), ("iwae",), (8,), replicates=1, points=2, device=device)
    subject = load_subject("linear-gaussian", settings)
    watch = Stopwatch(subject, build_estimator("iwae"), 8, budget(settings))
    for _ in range(ROUNDS):
        watch.round()
    timing = watch.timing()
    assert timing.seconds > 0
    assert timing.runs == ROUNDS
    assert (timing.device_seconds is None) == (device == "cpu")
    assert timing.device_seconds is None or not math.isnan(timing.device_seconds)
    assert peak_bytes(lambda: torch.ones(1000, device=device), torch.device(device)) >= 4000
