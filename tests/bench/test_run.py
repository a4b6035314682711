"""A whole run: what it leaves behind, twice the same, and what makes no difference."""

import shutil

import numpy as np
import pandas as pd
import pytest

from evidence_bench.benchmarks.measuring import measurement
from evidence_bench.benchmarks.record.schema import COLUMNS, SLOPE_COLUMNS
from evidence_bench.benchmarks.run import main
from tests.bench.reading import UNTIMED, results, status_of


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
            for name in set(a.files) - {"estimates", "log_mean_ratio"}:  # [B], halves [2, B]
                np.testing.assert_allclose(b[name][..., :3], a[name], rtol=1e-6, atol=1e-9, err_msg=name)


def test_another_seed_measures_the_same_points_with_other_draws(bench):
    first = results(bench("--estimators", "iwae", folder="a")[1])
    second = results(bench("--estimators", "iwae", "--seed", "1", folder="b")[1])
    assert (first["reference"] == second["reference"]).all()
    assert (first["log_evidence"] != second["log_evidence"]).all()


def test_estimators_that_share_a_sampler_share_its_draws(bench):
    folder = bench("--estimators", "elbo,iwae", "--samples", "1")[1]
    table = results(folder).set_index("estimator")
    assert table.loc["elbo", "log_evidence"] == table.loc["iwae", "log_evidence"]


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


def corrupt(folder):
    from evidence_bench.models.vaes.checkpoint import find

    shipped = find("digits-vae")
    (folder / "mine.safetensors").write_bytes(shipped.read_bytes() + b"x")
    (folder / "mine.json").write_bytes(shipped.with_suffix(".json").read_bytes())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--models", "linear-gaussian,nosuch.safetensors"), "There is no checkpoint '"),
        (("--models", "digits-vae[checkpoint=mine.safetensors]"), "are not those that its card describes"),
        (("--models", "mnist-elbo-1l", "--data-dir", "/nonexist"), "'/nonexist' is no folder; name one"),
        (("--models", "mnist-elbo-1l", "--data-dir", "."), "mnist: the training images are not in '"),
    ],
)
def test_what_a_model_needs_and_cannot_be_read_is_refused_before_the_start(
    bench, tmp_path, capsys, monkeypatch, arguments, says
):
    monkeypatch.setenv("EVIDENCE_BENCH_DATA", "")  # which --data-dir sets
    corrupt(tmp_path)
    status, folder = bench("--estimators", "iwae", *arguments, small=False)
    (sentence,) = capsys.readouterr().err.splitlines()
    assert status == 2
    assert says in sentence
    assert not folder.exists()


def test_a_checkpoint_that_was_lost_fails_its_own_cells_of_a_resumed_run_and_is_said_once(
    bench, tmp_path, capsys
):
    corrupt(tmp_path)
    from evidence_bench.models.vaes.checkpoint import find

    shutil.copy(find("digits-elbo"), tmp_path / "mine.safetensors")
    shutil.copy(find("digits-elbo").with_suffix(".json"), tmp_path / "mine.json")
    models = "linear-gaussian,digits-vae[checkpoint=mine.safetensors]"
    folder = bench("--estimators", "iwae,elbo", "--models", models)[1]
    shutil.rmtree(folder / "cells")
    corrupt(tmp_path)
    capsys.readouterr()
    assert main(["--resume", "--output", str(folder)]) == 1
    said = capsys.readouterr()
    assert set(results(folder)["model"]) == {"linear-gaussian"}
    assert "mine.safetensors" in status_of(folder)["failed"][0]["reason"]
    assert len(status_of(folder)["failed"]) == 4
    assert sum("failed: " in line for line in said.err.splitlines()) == 1
    assert sum(line.startswith("FAILED ") for line in said.out.splitlines()) == 1
    assert "Traceback" not in said.err


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
