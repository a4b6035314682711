"""``python -m benchmarks.check``: what it prints, and its exit status."""

from __future__ import annotations

import json

import pytest

from evidence_bench.benchmarks.check import main

PLUGIN = """
from dataclasses import dataclass
from typing import ClassVar
from evidence_bench.estimators.base import Bound
from evidence_bench.estimators.reducers import Jackknife

@dataclass(frozen=True)
class Over(Jackknife):
    bound: ClassVar[Bound] = Bound.LOWER

def register(bench):
    bench.add_estimator("over", reducer=Over)
"""
RIGHT = """
def mean(log_w):
    return log_w.mean(-1)

def register(bench):
    bench.add_estimator("mean", reducer=mean)
"""


@pytest.fixture
def plugin(tmp_path):
    def write(text):
        (tmp_path / "mine.py").write_text(text)
        return str(tmp_path / "mine.py")

    return write


def test_a_false_claim_is_told_in_a_sentence_and_fails(plugin, capsys):
    assert main([plugin(PLUGIN)]) == 1
    said = capsys.readouterr().out
    line = next(line for line in said.splitlines() if line.lstrip().startswith("FAILS"))
    assert "bound (its expectation is on the declared side of log p(x)): declared lower bound" in line
    assert "nats at K =" in line
    assert "1 law fails of" in said


def test_what_is_right_passes(plugin, capsys):
    assert main([plugin(RIGHT)]) == 0
    said = capsys.readouterr().out
    assert "FAILS" not in said
    assert "No laws fail of" in said


def test_built_in_models_by_name_and_json(capsys):
    assert main(["--models", "two-point", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["subject"] for one in found} == {"two-point"}
    assert {"kind", "law", "about", "says", "sentence", "figure", "stderr"} <= set(found[0])
    assert next(one for one in found if one["law"] == "evidence")["says"] == "holds"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing to check"),
        (["--models", "no-such-model"], "no model 'no-such-model'"),
        (["--estimators", "iwea"], "did you mean"),
        (["nowhere.py"], "nowhere.py"),
    ],
)
def test_a_request_that_makes_no_sense(arguments, says, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


BUILT_IN = ("elbo", "iwae", "jvi", "jvi[order=2]", "dvi", "prior", "student-t", "adaptive")


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_estimator_passes(name, capsys):
    assert main(["--estimators", name]) == 0
