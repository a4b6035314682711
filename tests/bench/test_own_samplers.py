"""Draws belong to a sampler by its class and options, whatever its repr says, in every process alike."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from evidence_bench.benchmarks.measuring import measurement
from evidence_bench.benchmarks.measuring.measurement import Measurement, measure, plan_draws, source_key
from evidence_bench.benchmarks.measuring.subject import load_subject
from evidence_bench.benchmarks.study.plugins import load_plugins
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.catalogue import ESTIMATORS, build_estimator

PLUGIN = """
from dataclasses import dataclass
from typing import Any
import torch
from evidence_bench.estimators.base import LogWeights
from evidence_bench.estimators.samplers.proposal import FromProposal as Built

def raised(by):
    @dataclass(frozen=True)
    class Raised(Built):
        def __call__(self, model, x, k, generator):
            return LogWeights(super().__call__(model, x, k, generator).log_w + by)
    return Raised

@dataclass(frozen=True)
class FromProposal(Built):
    "A sampler with the name of a built-in one: its log weights are a tenth larger."
    def __call__(self, model, x, k, generator):
        return LogWeights(1.1 * super().__call__(model, x, k, generator).log_w)

@dataclass(frozen=True, repr=False)
class Plain(Built):
    "Its repr holds an address."
    shift: float = 0.0
    def __call__(self, model, x, k, generator):
        return LogWeights(super().__call__(model, x, k, generator).log_w + self.shift)
    __repr__ = object.__repr__

@dataclass(frozen=True)
class Hidden(Built):
    "Its repr leaves out what tells two apart."
    from dataclasses import field
    by: float = field(default=0.0, repr=False)
    def __call__(self, model, x, k, generator):
        return LogWeights(super().__call__(model, x, k, generator).log_w + self.by)

def mean(log_w):
    return log_w.mean(-1)

def register(bench):
    bench.add_estimator("plus", sampler=raised(100.0))
    bench.add_estimator("minus", sampler=raised(-100.0))
    bench.add_estimator("spread", sampler=FromProposal)
    bench.add_estimator("hidden", sampler=Hidden)
    bench.add_estimator("plain", sampler=Plain)
    bench.add_estimator("plain-mean", sampler=Plain, reducer=mean)
"""
SETTINGS = Settings(("linear-gaussian",), (), (2, 8), 6, 3)


@pytest.fixture
def known(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    return load_plugins((str(tmp_path / "mine.py"),)).estimators


def drawn(known, *names):
    """The draws that the estimators of these names need together."""
    subject = load_subject("linear-gaussian", SETTINGS)
    estimators = [build_estimator(name, known) for name in names]
    pairs = [(Cell(subject.name, e.name, k), e) for e in estimators for k in SETTINGS.samples]
    return plan_draws(pairs, subject, SETTINGS.samples)


def measured(known, *names):
    """{name: its measurement at the largest K}."""
    outcomes = [outcome for draw in drawn(known, *names) for outcome in measure(draw, SETTINGS)]
    assert all(isinstance(outcome, Measurement) for outcome in outcomes)
    return {o.cell.estimator: o for o in outcomes if o.cell.k == max(SETTINGS.samples)}


def estimates(known, *names):
    return {name: one.arrays["estimates"] for name, one in measured(known, *names).items()}


@pytest.mark.parametrize(
    ("first", "second"), [("plus", "minus"), ("minus", "plus"), ("hidden[by=100]", "hidden[by=-100]")]
)
def test_two_samplers_of_one_repr_are_measured_as_themselves(known, first, second):
    together = estimates(known, "iwae", first, second)
    by = 100.0 if first != "minus" else -100.0
    for name, sign in ((first, 1), (second, -1)):
        assert abs((together[name] - together["iwae"]).mean() - sign * by) < 5
        np.testing.assert_array_equal(together[name], estimates(known, name)[name])


def test_the_exact_moments_are_those_of_the_model_s_own_proposal_alone(known):
    """Neither a sampler with the name of the built-in one nor any other gets them."""
    by_name = measured(known, "iwae", "spread", "prior", "student-t")
    assert {name for name, one in by_name.items() if one.facts["moments_exact"]} == {"iwae"}
    exact = by_name["iwae"].arrays["c2"]
    for name in ("spread", "prior", "student-t"):
        assert (by_name[name].arrays["c2"] != exact).all()
        assert (by_name[name].arrays["c2_stderr"] > 0).all()


def test_estimators_of_one_sampler_share_its_draws(known):
    assert len(drawn(known, "plain", "plain-mean", "plain+elbo", "plain[shift=0]")) == 1
    assert len(drawn(known, "plain", "plain-mean", "plain[shift=1]")) == 2
    together = estimates(known, "plain-mean", "plain")
    for name, values in together.items():
        np.testing.assert_array_equal(values, estimates(known, name)[name])
    shifted = estimates(known, "plain-mean[shift=1]", "plain[shift=1]+elbo")
    np.testing.assert_allclose(*shifted.values(), rtol=1e-14)


def test_built_in_samplers_keep_their_keys(known):
    """The numbers of every command without a plug-in rest on them."""
    for name in (*(entry.name for entry in ESTIMATORS), "student-t[nu=7]+jvi", "adaptive[start=encoder]"):
        (draw, *_) = drawn(known, name)
        key = source_key(draw, SETTINGS)
        assert key == (0, "linear-gaussian", repr(build_estimator(name).sampler))


def test_another_process_draws_the_same(known, tmp_path):
    code = (
        "import sys; from tests.bench.test_own_samplers import load_plugins, estimates;"
        f"known = load_plugins(({str(tmp_path / 'mine.py')!r},)).estimators;"
        "print(float(estimates(known, 'plain-mean', 'plain')['plain'].sum()).hex())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float.fromhex(said.split()[-1]) == estimates(known, "plain")["plain"].sum()


def test_the_work_ahead_counts_each_sampler_once(known):
    cells = [(Cell("m", name, k), build_estimator(name, known)) for name in ("plus", "minus") for k in (2, 8)]
    assert [k for k, _ in measurement.shared(cells, (2, 8))] == [8, 8]
