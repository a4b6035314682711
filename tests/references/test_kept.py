"""What is kept between runs: by content for any model, for each distinct point, and never at a run's cost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from evidence_bench.benchmarks.command.headway import watched
from evidence_bench.benchmarks.references import LongRun, cache
from evidence_bench.benchmarks.references.content import Opaque, content_of
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.randomness import keyed_generator

RUN = LongRun(runs=3, samples=256)


@dataclass(frozen=True)
class Strange:
    """z ~ N(0, I), x given z ~ N(W z, I): a plug-in's model with a module, and log p(x) not told."""

    scale: float = 1.0
    net: torch.nn.Module = field(default_factory=lambda: linear(1.0))
    extra: object = None

    def proposal(self, x):
        return DiagonalGaussian(0.1 * x[:, :2], torch.zeros(len(x), 2, dtype=x.dtype))

    def prior(self, x):
        return DiagonalGaussian(torch.zeros(len(x), 2, dtype=x.dtype), torch.zeros(len(x), 2, dtype=x.dtype))

    def log_joint(self, x, z):
        noise = DiagonalGaussian(x, torch.zeros_like(x))
        return self.prior(x).log_prob(z) + noise.log_prob(self.scale * self.net(z))


def linear(weight):
    net = torch.nn.Linear(2, 3, dtype=torch.float64)
    with torch.no_grad():
        net.weight.fill_(weight)
        net.bias.fill_(0.0)
    return net.eval()


X = torch.linspace(-1, 1, 12, dtype=torch.float64).view(4, 3)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr(cache, "_said", set())
    return tmp_path


@pytest.fixture
def measured(monkeypatch):
    """How many points each measurement had."""
    counts, original = [], LongRun._measure
    monkeypatch.setattr(LongRun, "_measure", lambda *a: counts.append(len(a[2])) or original(*a))
    return counts


def test_a_model_without_a_checkpoint_is_kept_by_its_content(measured):
    first = RUN.estimate(Strange(), X)[0].value
    again = RUN.estimate(Strange(), X)[0].value
    assert measured == [4]
    assert np.array_equal(first, again)


@pytest.mark.parametrize(
    "changed", [Strange(scale=1.1), Strange(net=linear(1.1)), Strange(extra=[1])], ids=str
)
def test_another_field_or_parameter_is_another_model(measured, changed):
    RUN.estimate(Strange(), X)
    RUN.estimate(changed, X)
    assert measured == [4, 4]


def test_what_a_method_reads_from_elsewhere_is_seen_by_what_it_returns(measured, monkeypatch):
    RUN.estimate(Strange(), X)
    monkeypatch.setattr(DiagonalGaussian, "log_prob", lambda self, z: -z.square().sum(-1))
    RUN.estimate(Strange(), X)
    assert measured == [4, 4]


def test_the_hash_follows_the_source_file(tmp_path):
    def built(body):
        (tmp_path / "mine.py").write_text(f"class Other:\n    value = {body}\n", encoding="utf-8")
        import importlib.util
        import sys

        spec = importlib.util.spec_from_file_location("mine_for_test", tmp_path / "mine.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["mine_for_test"] = module
        spec.loader.exec_module(module)
        return Strange(extra=module.Other())

    assert content_of(built("1"), X) == content_of(built("1"), X)
    assert content_of(built("1"), X) != content_of(built("2"), X)


def test_what_cannot_be_looked_into_is_said_once_and_not_kept(measured, folder, capsys):
    model = Strange(extra=iter([1]))
    with pytest.raises(Opaque):
        content_of(model, X)
    RUN.estimate(model, X)
    RUN.estimate(model, X)
    assert measured == [4, 4]
    assert capsys.readouterr().err.count("is not kept for the next run") == 1
    assert not list(folder.rglob("*.json"))


@pytest.mark.parametrize("place", ["/proc/c", "a file", "~nobody-of-that-name/c"])
def test_a_folder_that_cannot_be_written_costs_nothing_but_a_sentence(place, folder, monkeypatch, capsys):
    if place == "a file":
        place = str(folder / "file")
        Path(place).write_text("", encoding="utf-8")
    monkeypatch.setenv(cache.ENVIRONMENT, place)
    estimates, _ = RUN.estimate(Strange(), X)
    value, stderr = estimates.value, estimates.stderr
    assert np.isfinite(value).all()
    assert np.isfinite(stderr).all()
    assert capsys.readouterr().err.count("not kept") == 1


def test_no_home_is_no_reason_to_fail(monkeypatch, capsys):
    monkeypatch.delenv(cache.ENVIRONMENT)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert np.isfinite(RUN.estimate(Strange(), X)[0].value).all()
    assert "not kept" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["[1]", '{"a": "b"}', "null", "ROW", "NAN"])
def test_damaged_entries_are_measured_again(damage, folder, measured):
    first = RUN.estimate(Strange(), X)[0].value
    (file,) = folder.rglob("*.json")
    rows = json.loads(file.read_text(encoding="utf-8"))
    rows = {name: row[:2] if damage == "ROW" else [float("nan"), *row[1:]] for name, row in rows.items()}
    file.write_text(json.dumps(rows) if damage in ("ROW", "NAN") else damage, encoding="utf-8")
    assert np.array_equal(RUN.estimate(Strange(), X)[0].value, first)
    assert measured == [4, 4]


def test_equal_points_are_measured_once(measured):
    value = RUN.estimate(Strange(), X[[0, 1, 0, 0]])[0].value
    assert measured == [2]
    assert value[0] == value[2] == value[3]


def test_who_watches_hears_of_every_group_of_points():
    heard = []
    with watched(lambda what, done, total: heard.append((what, done, total))):
        RUN.estimate(LinearGaussian(), LinearGaussian().simulate(3, keyed_generator(("x",))).x)
    assert heard[0] == ("log p(x)", 0, 3)
    assert heard[-1] == ("log p(x)", 3, 3)
