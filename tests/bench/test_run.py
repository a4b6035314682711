"""A whole run: what it leaves behind, twice the same, resumed, interrupted, with broken parts."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import measurement, study
from benchmarks.schema import COLUMNS, SLOPE_COLUMNS

UNTIMED = [c for c in COLUMNS if c not in ("seconds", "seconds_stderr", "evaluations_per_second")]


def results(folder):
    return pd.read_parquet(folder / "results.parquet")


def status_of(folder):
    return json.loads((folder / "status.json").read_text())


def test_a_run_leaves_a_complete_folder(bench):
    status, folder = bench("--estimators", "elbo,iwae,jvi,jvi:order=2,dvi", "--samples", "2,8,32")
    table = results(folder)
    assert status == 0
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 3 * 4 + 2
    assert list(pd.read_parquet(folder / "slopes.parquet").columns) == list(SLOPE_COLUMNS)
    for name in ("results.csv", "report.html", "config.json", "provenance.json", "status.json"):
        assert (folder / name).stat().st_size > 0
    assert not list(folder.rglob("*.part"))
    assert (table["evaluations"] == table["k"]).all()
    assert (table["seconds"] > 0).all()
    assert (table["peak_bytes"] > 0).all()


def test_a_k_below_the_minimum_is_set_aside_with_the_reason(bench, capsys):
    status, folder = bench("--estimators", "iwae,jvi[order=2]")
    assert status == 0
    (aside,) = status_of(folder)["not_applicable"]
    assert (aside["estimator"], aside["k"]) == ("jvi[order=2]", 2)
    assert "at least 3" in aside["reason"]
    assert "Not applicable: jvi[order=2] at K = 2" in capsys.readouterr().out


def test_a_sampler_without_meaning_on_a_model_is_set_aside(bench, capsys):
    status, folder = bench("--estimators", "iwae,student-t", "--models", "linear-gaussian,mixture")
    assert status == 0
    assert {(a["model"], a["estimator"]) for a in status_of(folder)["not_applicable"]} == {
        ("mixture", "student-t")
    }
    assert "biject" in capsys.readouterr().out
    assert set(zip(results(folder)["model"], results(folder)["estimator"], strict=True)) == {
        ("linear-gaussian", "iwae"), ("linear-gaussian", "student-t"), ("mixture", "iwae")
    }  # fmt: skip


def test_the_same_seed_gives_the_same_bytes(bench):
    first = bench("--estimators", "iwae,student-t", folder="a")[1]
    second = bench("--estimators", "iwae,student-t", folder="b")[1]
    for file in sorted((first / "cells").glob("*.npz")):
        with np.load(file) as a, np.load(second / "cells" / file.name) as b:
            assert all(a[key].tobytes() == b[key].tobytes() for key in a.files)
    pd.testing.assert_frame_equal(results(first)[UNTIMED], results(second)[UNTIMED])


def test_other_points_and_another_budget_leave_the_values(bench):
    first = bench("--estimators", "iwae,jvi[order=2]", "--samples", "8", folder="a")[1]
    args = ("--estimators", "iwae,jvi[order=2]", "--samples", "8", "--points", "5", "--memory", "1")
    second = bench(*args, folder="b")[1]
    for file in sorted((first / "cells").glob("*.npz")):
        with np.load(file) as a, np.load(second / "cells" / file.name) as b:
            np.testing.assert_allclose(b["estimates"][:, :3], a["estimates"], rtol=0, atol=1e-6)
            for name in set(a.files) - {"estimates", "control"}:  # all of the form [B]
                np.testing.assert_allclose(b[name][:3], a[name], rtol=1e-6, atol=1e-9, err_msg=name)


def test_another_seed_measures_the_same_points_with_other_draws(bench):
    first = results(bench("--estimators", "iwae", folder="a")[1])
    second = results(bench("--estimators", "iwae", "--seed", "1", folder="b")[1])
    assert (first["reference"] == second["reference"]).all()
    assert (first["log_evidence"] != second["log_evidence"]).all()


def test_estimators_that_share_a_sampler_share_its_draws(bench):
    folder = bench("--estimators", "elbo,iwae", "--samples", "1")[1]
    table = results(folder).set_index("estimator")
    assert table.loc["elbo", "log_evidence"] == table.loc["iwae", "log_evidence"]


def test_resume_measures_only_what_is_missing(bench, monkeypatch):
    folder = bench("--estimators", "elbo,iwae")[1]
    before = results(folder)
    gone = next((folder / "cells").glob("*iwae*k8*.json"))
    gone.unlink()
    kept = {f.name: f.stat().st_mtime_ns for f in (folder / "cells").glob("*elbo*")}
    assert bench("--resume", small=False)[0] == 0
    assert {f.name: f.stat().st_mtime_ns for f in (folder / "cells").glob("*elbo*")} == kept
    pd.testing.assert_frame_equal(results(folder)[UNTIMED], before[UNTIMED])


def test_resume_of_a_finished_run_measures_nothing(bench, monkeypatch):
    bench("--estimators", "elbo")
    monkeypatch.setattr(study, "measure", None)
    monkeypatch.setattr(study, "measure_time", None)
    assert bench("--resume", small=False)[0] == 0


def test_resume_refuses_another_study(bench, capsys):
    bench("--estimators", "elbo")
    assert bench("--resume", "--seed", "3", small=False)[0] == 2
    assert "another seed" in capsys.readouterr().err


def test_an_interrupt_leaves_a_readable_folder(bench, monkeypatch, capsys):
    original, calls = study.measure, []

    def interrupted(draw, settings):
        calls.append(draw)
        if len(calls) > 1:
            raise KeyboardInterrupt
        yield from original(draw, settings)

    monkeypatch.setattr(study, "measure", interrupted)
    status, folder = bench("--estimators", "iwae,student-t")
    assert status == 130
    assert status_of(folder)["interrupted"]
    assert set(results(folder)["estimator"]) == {"iwae"}
    assert (folder / "report.html").exists()
    assert "--resume" in capsys.readouterr().out
    monkeypatch.setattr(study, "measure", original)
    assert bench("--resume", small=False)[0] == 0
    assert set(results(folder)["estimator"]) == {"iwae", "student-t"}


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
        from models.base import Simulated
        return Simulated(torch.zeros(n, 1, dtype=torch.float64), torch.zeros(n, 1, dtype=torch.float64))
    def log_evidence(self, x):
        return torch.zeros(len(x), dtype=torch.float64)
    def proposal(self, x):
        from models.distributions.diagonal_gaussian import DiagonalGaussian
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
    assert reasons["linear-gaussian", "raises"] == "RuntimeError: no such luck (mine.py, line 12)"
    assert "data points 0, 1, 2" in reasons["broken", "iwae"]
    assert "FAILED broken iwae K=4" in said.out
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raise ValueError('early')", "raised ValueError while it was imported: early"),
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


def test_models_of_one_meaning_are_one_model(bench):
    args = ("--models", "lognormal,lognormal[s2=1],lognormal:s2=1.0,lognormal[s2=2]")
    status, folder = bench("--estimators", "iwae,jvi[order=1]", *args)
    assert status == 0
    assert set(results(folder)["model"]) == {"lognormal", "lognormal[s2=2]"}
    assert set(results(folder)["estimator"]) == {"iwae", "jvi"}
    assert len(results(folder)) == 2 * 2 * 2


def test_another_proposal_leaves_the_data(bench):
    folder = bench("--estimators", "iwae", "--models", "linear-gaussian,linear-gaussian[shift=0.5]")[1]
    assert results(folder).groupby("k")["reference"].nunique().eq(1).all()


def test_resume_takes_another_memory_budget(bench):
    folder = bench("--estimators", "iwae")[1]
    next((folder / "cells").glob("*k8*.json")).unlink()
    assert bench("--resume", "--memory", "3", small=False)[0] == 0
    assert json.loads((folder / "config.json").read_text())["memory"] == 3 * 2**20


@pytest.mark.parametrize("suffix", [".json", ".npz", ".timing.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"PK\x03\x04 cut short"])
def test_a_damaged_cell_is_measured_again(bench, capsys, suffix, content):
    folder = bench("--estimators", "elbo,iwae", "--samples", "8")[1]
    before = results(folder)
    names = (folder / "cells").glob(f"*iwae*{suffix}")
    (damaged,) = (path for path in names if path.name.count(".") == suffix.count("."))
    damaged.write_bytes(content)
    assert bench("--resume", small=False)[0] == 0
    assert "measured again" in capsys.readouterr().err
    pd.testing.assert_frame_equal(results(folder)[UNTIMED], before[UNTIMED])


@pytest.mark.parametrize("content", ["", "{}", "[]", "{"])
def test_a_damaged_configuration_is_named(bench, capsys, content):
    folder = bench("--estimators", "elbo", "--samples", "8")[1]
    (folder / "config.json").write_text(content)
    assert bench("--resume", small=False)[0] == 2
    said = capsys.readouterr().err
    assert "config.json" in said
    assert "Traceback" not in said


def test_a_folder_with_other_files_is_left_alone(bench, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("")
    assert bench("--estimators", "iwae")[0] == 2
    assert "holds other files" in capsys.readouterr().err


def test_a_corrupt_checkpoint_fails_its_own_cells_and_no_others(bench, tmp_path, capsys):
    from models.digits import SHIPPED

    (tmp_path / "mine.safetensors").write_bytes(SHIPPED.read_bytes() + b"x")
    (tmp_path / "mine.json").write_bytes(SHIPPED.with_suffix(".json").read_bytes())
    models = f"digits-vae[checkpoint={tmp_path / 'mine.safetensors'}],linear-gaussian"
    status, folder = bench("--estimators", "iwae", "--models", models)
    assert status == 1
    assert set(results(folder)["model"]) == {"linear-gaussian"}
    assert "mine.safetensors" in status_of(folder)["failed"][0]["reason"]
    assert "Traceback" not in capsys.readouterr().err


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
from models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian

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
    status, folder = bench(*args)
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


def test_a_draw_serves_every_k_of_an_iid_sampler(bench, monkeypatch):
    strides = []
    original = measurement.Source.chunks

    def spy(self, replicates, k):
        strides.append((repr(self.sampler), k))
        return original(self, replicates, k)

    monkeypatch.setattr(measurement.Source, "chunks", spy)
    bench("--estimators", "elbo,iwae,jvi,student-t", "--samples", "2,4,8")
    assert sorted(strides) == sorted(set(strides))
    assert [k for _, k in strides] == [8, 8]
