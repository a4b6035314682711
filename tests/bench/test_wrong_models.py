"""Models that contradict their own log p(x), by however many nats, and right ones that look like them."""

from __future__ import annotations

import re

import pytest

from tests.bench.reading import results

CONSTANT = """
import math
from dataclasses import dataclass
import torch
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian

@dataclass(frozen=True)
class Constant:
    off: float = 0.0  # nats that log_joint is too high: the constant of a Gaussian likelihood left out
    def data(self, n):
        return torch.arange(n, dtype=torch.float64)[:, None] / 10
    def prior(self, x):
        return Gaussian(0 * x, 0 * x)
    def proposal(self, x):
        return Gaussian(x / 2 + 0.2, 0 * x - 0.2)
    def log_joint(self, x, z):
        return self.prior(x).log_prob(z) + Gaussian(x, 0 * x).log_prob(z) + self.off
    def log_evidence(self, x):
        return Gaussian(0 * x, 0 * x + math.log(2) / 2).log_prob(x[:, None])[:, 0]

def register(bench):
    bench.add_model("constant", Constant)
"""


@pytest.mark.parametrize(("off", "side"), [(720.0, "above"), (-720.0, "below")])
def test_a_constant_of_hundreds_of_nats_is_named_in_nats(bench, tmp_path, capsys, off, side):
    """Where the mean weight over p(x) is no float64; no number of many digits anywhere."""
    (tmp_path / "mine.py").write_text(CONSTANT)
    name = f"constant[off={off:g}]"
    args = ("--plugin", "mine.py", "--models", name, "--estimators", "iwae", "--samples", "4,64")
    folder = bench(*args, "--replicates", "50", "--points", "8")[1]
    table = results(folder)
    assert (table["weight_check"] == "fails").all()
    assert table["weight_gap"].to_numpy() == pytest.approx(off, abs=0.2)
    assert table["bias_controlled"].isna().all()
    said = capsys.readouterr().out
    assert re.search(rf"WARNING .*\d{{3}}\.\d+ ± 0\.\d+ nats {side} p\(x\)", said)
    assert f"nats {side} p(x)" in (folder / "report.html").read_text()
    assert not re.search(r"\d{15}", said)


def test_a_mixture_under_a_proposal_too_sure_of_itself_is_not_accused(bench):
    """Its rare components have weights of up to a thousand: by their spread 6 of 10 seeds were accused."""
    args = ("--models", "mixture[spread=6,temper=2]", "--estimators", "iwae", "--samples", "1,16")
    folder = bench(*args, "--replicates", "50", "--points", "32", "--seed", "1")[1]
    assert not (results(folder)["weight_check"] == "fails").any()
