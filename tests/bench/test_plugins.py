"""A user's own estimators and models, the broken ones too."""

import pandas as pd
import pytest

from tests.bench.reading import UNTIMED, results, status_of

BROKEN = """
from dataclasses import dataclass
import torch

def nan(log_w):
    return log_w.mean(-1) * torch.nan

def wrong_shape(log_w):
    return log_w

def raises(log_w):
    raise RuntimeError("no such luck")

def median(log_w):
    return log_w.median(-1).values

@dataclass(frozen=True)
class BrokenModel:
    def simulate(self, n, generator):
        from evidence_bench.models.base import Simulated
        return Simulated(torch.zeros(n, 1, dtype=torch.float64), torch.zeros(n, 1, dtype=torch.float64))
    def log_evidence(self, x):
        return torch.zeros(len(x), dtype=torch.float64)
    def proposal(self, x):
        from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
        return DiagonalGaussian(torch.zeros_like(x), torch.zeros_like(x))
    prior = proposal
    def log_joint(self, x, z):
        return z[..., 0] * torch.nan

def register(bench):
    for function in (nan, wrong_shape, raises, median):
        bench.add_estimator(function.__name__.replace("_", "-"), reducer=function)
    bench.add_model("broken", BrokenModel)
"""


def test_a_broken_plug_in_fails_its_own_cells_and_no_others(bench, tmp_path, capsys):
    (tmp_path / "mine.py").write_text(BROKEN)
    status, folder = bench(
        "--plugin", "mine.py", "--estimators", "iwae,nan,wrong-shape,raises,median",
        "--models", "linear-gaussian,broken", "--samples", "4",
    )  # fmt: skip
    said = capsys.readouterr()
    assert status == 1
    assert set(results(folder)["estimator"]) == {"iwae", "median"}
    reasons = {(f["model"], f["estimator"]): f["reason"] for f in status_of(folder)["failed"]}
    assert len(reasons) == 3 + 5
    assert "NaN" in reasons["linear-gaussian", "nan"]
    assert "shape" in reasons["linear-gaussian", "wrong-shape"]
    assert reasons["linear-gaussian", "raises"] == (
        "RuntimeError: no such luck (mine.py, line 12); that is your own code: correct it there "
        "(status.json has the traceback)."
    )
    assert "data points 0, 1, 2" in reasons["broken", "iwae"]
    assert "FAILED broken, iwae" in said.out
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raise ValueError('early')", "raised ValueError: early"),
        ("x = 1", "has no register"),
        ("def register(bench): bench.add_estimator('iwae', reducer=len)", "already"),
        ("def register(bench): bench.add_estimator('a b', reducer=len)", "cannot name"),
        ("def register(bench): 1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_plug_in_that_cannot_be_loaded_is_named(bench, tmp_path, capsys, text, says):
    (tmp_path / "mine.py").write_text(text)
    status, _ = bench("--plugin", "mine.py", "--estimators", "iwae")
    said = capsys.readouterr().err
    assert status == 2
    assert says in said
    assert "Traceback" not in said


def test_a_plug_in_may_have_a_models_py_of_its_own(bench, tmp_path):
    (tmp_path / "models.py").write_text("SCALE = 2.0")
    (tmp_path / "mine.py").write_text(
        "import models\n"
        "def scaled(log_w): return log_w.mean(-1) * models.SCALE\n"
        "def register(bench): bench.add_estimator('scaled', reducer=scaled)\n"
    )
    status, folder = bench("--plugin", "mine.py", "--estimators", "scaled,elbo", "--samples", "4")
    table = results(folder).set_index("estimator")
    assert status == 0
    assert table.loc["scaled", "log_evidence"] == pytest.approx(2 * table.loc["elbo", "log_evidence"])


IN_PLACE = """
def bad(log_w):
    log_w -= log_w.amax(-1, keepdim=True)
    return log_w.mean(-1)

def register(bench):
    bench.add_estimator("bad", reducer=bad)
"""


def test_a_reducer_that_writes_into_its_input_harms_no_other(bench, tmp_path):
    (tmp_path / "mine.py").write_text(IN_PLACE)
    alone = results(bench("--estimators", "iwae", folder="a")[1])
    beside = results(bench("--plugin", "mine.py", "--estimators", "bad,iwae", folder="b")[1])
    beside = beside[beside["estimator"] == "iwae"].reset_index(drop=True)
    pd.testing.assert_frame_equal(beside[UNTIMED], alone[UNTIMED])


MODEL = """
from dataclasses import dataclass
import math
import torch
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian

@dataclass(frozen=True)
class Known:
    prior_sd: float = 1.0
    def data(self, n):
        return torch.arange(n, dtype=torch.float64)[:, None] / 10
    def prior(self, x):
        return Gaussian(0 * x, 0 * x)
    def proposal(self, x):
        return Gaussian(x / 2 + 0.3, 0 * x)
    def log_joint(self, x, z):
        return Gaussian(0 * x, 0 * x + math.log(self.prior_sd)).log_prob(z) + Gaussian(x, 0 * x).log_prob(z)
    def log_evidence(self, x):
        return Gaussian(0 * x, 0 * x + math.log(2) / 2).log_prob(x[:, None])[:, 0]

@dataclass(frozen=True)
class WrongShape(Known):
    def log_joint(self, x, z):
        return super().log_joint(x, z).sum(0, keepdim=True)

def register(bench):
    for kind in (Known, WrongShape, Unknown):
        bench.add_model(kind.__name__.lower(), kind)

@dataclass(frozen=True)
class Unknown:
    prior_sd: float = 1.0
    data, prior, proposal, log_joint = Known.data, Known.prior, Known.proposal, Known.log_joint
"""


def test_a_model_whose_evidence_is_not_known_has_a_variance_and_no_bias(bench, tmp_path):
    (tmp_path / "mine.py").write_text(MODEL)
    args = ("--plugin", "mine.py", "--models", "unknown,known", "--estimators", "iwae", "--replicates", "30")
    status, folder = bench(*args, "--reference", "none")
    table = results(folder).set_index(["model", "k"])
    assert status == 0
    assert table.loc["unknown"][["bias", "rmse", "bias_controlled", "reference"]].isna().all(axis=None)
    pd.testing.assert_series_equal(
        table.loc["unknown"]["variance"], table.loc["known"]["variance"], rtol=0.8, check_names=False
    )
    assert (folder / "report.html").exists()


def test_a_model_that_contradicts_its_evidence_is_found_out(bench, tmp_path, capsys):
    (tmp_path / "mine.py").write_text(MODEL)
    args = ("--plugin", "mine.py", "--models", "known,known[prior_sd=1.05]", "--estimators", "iwae,jvi")
    folder = bench(*args, "--samples", "64", "--replicates", "100", "--points", "10")[1]
    table = results(folder).set_index(["model", "estimator"])
    assert (table.loc["known", "weight_check"] == "passes").all()
    assert (table.loc["known[prior_sd=1.05]", "weight_check"] == "fails").all()
    assert table.loc["known[prior_sd=1.05]", "bias_controlled"].isna().all()
    assert "WARNING known[prior_sd=1.05]: the mean weight is" in capsys.readouterr().out
    assert "mean weight is not p(x)" in (folder / "report.html").read_text()


def test_a_log_joint_of_the_wrong_shape_is_refused(bench, tmp_path):
    (tmp_path / "mine.py").write_text(MODEL)
    status, folder = bench("--plugin", "mine.py", "--models", "wrongshape", "--estimators", "iwae,adaptive")
    assert status == 1
    assert all("log_joint returned shape" in one["reason"] for one in status_of(folder)["failed"])
