"""Runs that look first: what is at fault fails with its sentence, and nothing else is lost."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from evidence_bench.benchmarks.looking import LEFT_OUT
from evidence_bench.benchmarks.measuring.loop import run_plan
from evidence_bench.benchmarks.record.configuration import configuration
from evidence_bench.benchmarks.record.folders import begun
from evidence_bench.benchmarks.study.plan import described, make_plan
from evidence_bench.benchmarks.study.plugins import load_plugins
from evidence_bench.benchmarks.study.settings import Settings
from tests.bench.conftest import bench  # noqa: F401  (a fixture)
from tests.bench.reading import results, status_of

PLUGIN = """
from tests.looking.broken import MODELS, REDUCERS, RIGHT_SAMPLERS, SAMPLERS, Right, Tutorial

def register(bench):
    bench.add_model("right", Right())
    bench.add_model("tutorial", Tutorial)
    for name in ("random", "x in place"):
        bench.add_model(name.replace(" ", "-"), MODELS[name][0])
    bench.add_estimator("own", sampler=RIGHT_SAMPLERS["unchanged"])
    bench.add_estimator("own-random", sampler=SAMPLERS["global generator"][0])
    bench.add_estimator("own-order", reducer=REDUCERS["order"][0])
"""
RIGHT = ("linear-gaussian", "right", "tutorial[kind=batchnorm,train=false]")
WRONG = {
    "random": "is random",
    "x-in-place": "writes into x",
    "tutorial[kind=dropout]": "net.encoder.1 (Dropout) is in training mode: call .eval()",
    "tutorial[kind=batchnorm]": "net.encoder.1 (BatchNorm1d) is in training mode: call .eval()",
}
ESTIMATORS = ("iwae", "own", "own-random", "own-order")


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(PLUGIN)
    return str(path)


@pytest.fixture
def measured(tmp_path, plugin):
    """measured(models, estimators, look) -> what became of it, untimed: failed, cells [R, B] and looks."""

    def call(models, estimators, look):
        settings = Settings(
            models, estimators, (2, 8), 4, 3, plugins=(plugin,), timed=False, reference="none", look=look
        )
        plan = make_plan(settings, load_plugins((plugin,)))
        with begun(tmp_path / f"run-{look}", configuration(settings, described(plan))) as folder:
            progressed = run_plan(plan, folder, facts := {"models": {}})
        done = [cell for cell in plan.cells if folder.finished(cell)]
        cells = {(c.model, c.estimator, c.k): folder.load_cell(c).arrays["estimates"] for c in done}
        failed = {(f["model"], f["estimator"]): f["reason"] for f in progressed.failed}
        return SimpleNamespace(cells=cells, failed=failed, looks=facts["looks"])

    return call


def test_what_is_at_fault_costs_its_own_cells_and_no_others(measured, capsys):
    run = measured((*RIGHT, *WRONG), ESTIMATORS, True)
    assert set(run.cells) == {(m, e, k) for m in RIGHT for e in ("iwae", "own") for k in (2, 8)}
    assert all(text.endswith("--no-check measures all the same.") for text in run.failed.values())
    for (model, says), estimator in [
        (pair, e) for pair in WRONG.items() for e in ("iwae", "own", "own-random")
    ]:
        assert says in run.failed[model, estimator]
        assert f"'{model}'" in run.failed[model, estimator]
    assert run.failed["right", "own-random"].startswith("The sampler of 'own-random' is random")
    assert run.failed["right", "own-order"].startswith("The reducer of 'own-order' declares symmetric")
    assert {name for name, seen in run.looks.items() if seen["findings"]} == set(WRONG)
    assert run.looks["right"]["estimators"].keys() == {"own-random", "own-order"}
    assert all(50 < run.looks[name]["evaluations"] < 200 for name in RIGHT)
    assert "Traceback" not in "".join(capsys.readouterr())


def test_what_is_not_looked_at_is_measured_and_a_look_changes_no_result(measured):
    looked, other = (measured((*RIGHT, *WRONG), ESTIMATORS, look) for look in (True, False))
    assert set(other.looks.values()) == {LEFT_OUT}
    # one row at a time is torch's own error in a BatchNorm that is in training
    assert set(other.failed) == {("tutorial[kind=batchnorm]", e) for e in ESTIMATORS}
    assert len(other.cells) == 2 * 4 * 6
    for name, estimates in looked.cells.items():
        np.testing.assert_array_equal(estimates, other.cells[name])


def test_no_check_may_come_with_resume(bench, plugin):  # noqa: F811
    asked = ("--plugin", plugin, "--models", "right,random", "--estimators", "iwae", "--reference", "none")
    status, folder = bench(*asked)
    assert status == 1
    assert {f["model"] for f in status_of(folder)["failed"]} == {"random"}
    before = json.loads((folder / "provenance.json").read_text())["looks"]
    status, _ = bench("--resume", "--no-check", small=False)
    assert status == 0
    assert set(results(folder)["model"]) == {"right", "random"}
    looks = json.loads((folder / "provenance.json").read_text())["looks"]
    assert looks == {"right": before["right"], "random": LEFT_OUT}
    assert json.loads((folder / "config.json").read_text())["look"] is False
