"""What a plug-in may hand in: classes, objects and functions; what is none of them is named in a sentence."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch

from evidence_bench.benchmarks.study.additions import BadPlugin
from evidence_bench.benchmarks.study.plugins import Bench
from evidence_bench.estimators.base import Identity, LogWeights
from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.estimators.reducers import Jackknife, LogMeanExp
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.estimators.samplers.student_t import StudentT
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.errors import BadOption, NotApplicable
from evidence_bench.models.oracles.weight_laws import LognormalLaw
from evidence_bench.models.randomness import keyed_generator
from tests.bench.reading import results, status_of


def trimmed(log_w: torch.Tensor, by: float) -> torch.Tensor:
    """The mean log weight and a constant."""
    return log_w.mean(-1) + by


class Module(torch.nn.Module):
    """A reducer as some would write it."""

    def forward(self, log_w: torch.Tensor) -> torch.Tensor:
        return log_w.mean(-1)


class Stated(LogMeanExp):
    """An object that declares itself, with a constructor of its own."""

    def __init__(self, scale: torch.Tensor) -> None:
        object.__setattr__(self, "scale", scale)

    def __call__(self, log_w: torch.Tensor) -> torch.Tensor:
        return super().__call__(log_w) + self.scale


def drawn(model: Any, x: torch.Tensor, k: int, generator: Any) -> LogWeights:
    """A sampler as a function."""
    return FromProposal()(model, x, k, generator)


def estimate(bench: Bench, name: str) -> float:
    _, model = build_model("linear-gaussian", bench.models)
    x = model.simulate(3, keyed_generator(("x",))).x
    values = build_estimator(name, bench.estimators)(model, x, 8, keyed_generator(("draws",)))
    return float(values.mean())


REDUCERS = {
    "partial of a function": (partial(trimmed, by=2.0), "elbo", 2.0),
    "partial of a class": (partial(Jackknife, order=3), "jvi[order=3]", 0.0),
    "object": (Jackknife(order=2), "jvi[order=2]", 0.0),
    "object with a tensor": (Stated(torch.tensor(5.0)), "iwae", 5.0),
    "lambda": (lambda log_w: log_w.mean(-1), "elbo", 0.0),
    "bound method": (Module().forward, "elbo", 0.0),
    "module": (Module(), "elbo", 0.0),
    "built-in class": (LogMeanExp, "iwae", 0.0),
}


@pytest.mark.parametrize("case", REDUCERS)
def test_a_reducer_may_be_a_class_an_object_or_a_function(case):
    reducer, like, more = REDUCERS[case]
    bench = Bench()
    bench.add_estimator("mine", reducer=reducer)
    assert estimate(bench, "mine") == pytest.approx(estimate(bench, like) + more, abs=1e-12)
    assert isinstance(repr(build_estimator("mine", bench.estimators).reducer), str)


@pytest.mark.parametrize(
    ("sampler", "like"),
    [(StudentT(nu=9), "student-t[nu=9]"), (partial(StudentT, nu=9), "student-t[nu=9]"), (drawn, "iwae")],
)
def test_a_sampler_may_be_an_object_or_a_function(sampler, like):
    bench = Bench()
    bench.add_estimator("mine", sampler=sampler)
    bench.add_estimator("other", sampler=sampler, reducer=trimmed_by_one)
    assert estimate(bench, "mine") == pytest.approx(estimate(bench, like), abs=1e-12)
    mine, other = (build_estimator(name, bench.estimators) for name in ("mine", "other"))
    assert mine.shares_draws(other)
    assert mine.draws_key == other.draws_key


def trimmed_by_one(log_w: torch.Tensor) -> torch.Tensor:
    return trimmed(log_w, 1.0)


def test_of_a_function_nothing_is_taken_for_granted():
    bench = Bench()
    bench.add_estimator("mine", sampler=drawn)
    assert build_estimator("mine", bench.estimators).sampler.identity is Identity.NONE
    with pytest.raises(NotApplicable, match="independent"):
        build_estimator("mine+jvi", bench.estimators)


def test_a_model_may_be_an_object():
    bench = Bench()
    bench.add_model("mine", LognormalLaw(s2=0.5))
    assert build_model("mine", bench.models)[1].s2 == 0.5
    with pytest.raises(BadOption, match="takes no options"):
        build_model("mine[s2=2]", bench.models)


class NoDataclass:
    needs_iid = symmetric = bound = expansion = bias_order = moments = min_k = None

    def __call__(self, log_w: torch.Tensor) -> torch.Tensor:
        return log_w.mean(-1)


class HalfStated(NoDataclass):
    """Says that it is symmetric by a word."""

    needs_iid, symmetric = False, "yes"


WRONG = {
    "no dataclass": ({"reducer": NoDataclass}, "the reducer of 'mine' is no dataclass"),
    "no callable": ({"reducer": 3}, "the reducer of 'mine' is 3, which cannot be called"),
    "a word for a bound": ({"reducer": HalfStated()}, "declares symmetric = 'yes'; make it True or False"),
    "a sampler's parts": ({"sampler": HalfStated()}, "the sampler of 'mine' lacks iid, identity"),
    "a class that cannot be made": ({"reducer": partial(Jackknife, order="x")}, "cannot be made"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_used_is_named(case):
    given, says = WRONG[case]
    with pytest.raises(BadPlugin, match=says):
        Bench().add_estimator("mine", **given)


MODEL = """
from dataclasses import dataclass
import math
import numpy as np
import torch
from torch.distributions import Normal, Independent, MultivariateNormal
from evidence_bench.estimators.base import LogWeights
from evidence_bench.estimators.samplers.proposal import FromProposal
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian

@dataclass(frozen=True)
class Without:
    "No prior, and of log_joint what is asked for."
    log_joint_is: str = "right"
    proposal_is: str = "gaussian"
    def data(self, n):
        return torch.arange(n, dtype=torch.float64)[:, None] / 10
    def proposal(self, x):
        kinds = {
            "gaussian": lambda: Gaussian(x / 2 + 0.3, 0 * x),
            "normal": lambda: Normal(x / 2 + 0.3, torch.ones_like(x)),
            "independent": lambda: Independent(Normal(x / 2 + 0.3, torch.ones_like(x)), 1),
            "multivariate": lambda: MultivariateNormal(x / 2 + 0.3, torch.eye(1, dtype=x.dtype)),
            "pair": lambda: (x, x),
        }
        return kinds[self.proposal_is]()
    def log_joint(self, x, z):
        value = Gaussian(0 * x, 0 * x).log_prob(z) + Gaussian(x, 0 * x).log_prob(z)
        return {"right": value, "float": float(value.sum()), "numpy": value.numpy()}[self.log_joint_is]
    def log_evidence(self, x):
        return Gaussian(0 * x, 0 * x + math.log(2) / 2).log_prob(x[:, None])[:, 0]

@dataclass(frozen=True)
class WithPrior(Without):
    prior_is: str = "normal"
    def prior(self, x):
        return Normal(0 * x, 1 + 0 * x)

def returning(what):
    @dataclass(frozen=True)
    class Returning(FromProposal):
        def __call__(self, model, x, k, generator):
            return what(super().__call__(model, x, k, generator).log_w)
    return Returning

def register(bench):
    bench.add_model("without", Without)
    bench.add_model("with-prior", WithPrior)
    bench.add_estimator("tensor", sampler=returning(lambda w: w))
    bench.add_estimator("numpy", sampler=returning(lambda w: LogWeights(w.numpy())))
    bench.add_estimator("half", sampler=returning(lambda w: LogWeights(w[:, ::2])))
    bench.add_estimator("half-precision", sampler=returning(lambda w: LogWeights(w.half())))
    bench.add_estimator("flat", sampler=returning(lambda w: LogWeights(w.flatten())))
"""


def reasons(folder, part="failed"):
    return {(f["model"], f["estimator"]): f["reason"] for f in status_of(folder)[part]}


def test_a_model_without_a_prior_is_measured_by_all_that_need_none(bench, tmp_path, capsys):
    (tmp_path / "mine.py").write_text(MODEL)
    args = ("--plugin", "mine.py", "--models", "without", "--samples", "4")
    status, folder = bench(*args, "--estimators", "iwae,student-t,prior")
    assert status == 0
    assert set(results(folder)["estimator"]) == {"iwae", "student-t"}
    assert "Without has no prior(x)" in reasons(folder, "not_applicable")["without", "prior"]
    assert "Traceback" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("model", "estimator", "says"),
    [
        ("without[proposal_is=normal]", "iwae", "DiagonalGaussian(loc, scale.log())"),
        ("without[proposal_is=independent]", "student-t", "DiagonalGaussian(loc, scale.log())"),
        ("without[proposal_is=multivariate]", "iwae", "FullGaussian(loc, scale_tril)"),
        ("without[proposal_is=pair]", "iwae", "returned a value of type tuple without noise and draw"),
        ("with-prior", "prior", "prior(x) of WithPrior returned a torch.distributions.Normal"),
        ("without[log_joint_is=float]", "iwae", "log_joint returned a value of type float, not a tensor"),
        (
            "without[log_joint_is=numpy]",
            "adaptive",
            "log_joint returned a value of type ndarray, not a tensor",
        ),
        ("linear-gaussian", "tensor", "Returning() returned a value of type Tensor; it must return"),
        ("linear-gaussian", "numpy", "Returning() returned LogWeights of a value of type ndarray"),
        ("linear-gaussian", "half", "Returning() returned log weights of shape"),
        ("linear-gaussian", "half-precision", "Returning() returned log weights of type torch.float16"),
        ("linear-gaussian", "flat", "Returning() returned log weights of shape"),
    ],
)
def test_the_part_that_is_wrong_is_named_with_its_remedy(bench, tmp_path, capsys, model, estimator, says):
    (tmp_path / "mine.py").write_text(MODEL)
    args = ("--plugin", "mine.py", "--models", model, "--estimators", estimator, "--samples", "400")
    status, folder = bench(*args, "--reference", "none")
    (reason,) = reasons(folder).values()
    assert status == 1
    assert says in reason
    assert not reason.startswith(("AttributeError", "TypeError", "RuntimeError"))
    assert "Traceback" not in "".join(capsys.readouterr())
