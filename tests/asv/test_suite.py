"""The asv suite: few enough combinations, samples enough for its test, and every benchmark runs."""

from __future__ import annotations

import importlib
import inspect
import itertools
import json
import math
import shutil
import subprocess
import sys

import pytest
import torch

from tests.asv.history import ROOT

MODULES = ("accuracy", "log_weights", "reducers")
PREFIXES = ("time_", "track_", "mem_", "peakmem_")
FEWEST_SAMPLES = 8  # 1 / binomial(16, 8) is below asv's p of .002, 1 / binomial(10, 5) is not


def benchmarks():
    """(class, name of the method) of every benchmark, found as asv finds them."""
    for module in MODULES:
        loaded = importlib.import_module(f"evidence_bench.benchmarks.asv_suite.{module}")
        for _, kind in inspect.getmembers(loaded, inspect.isclass):
            if kind.__module__ == loaded.__name__:
                yield from ((kind, name) for name in dir(kind) if name.startswith(PREFIXES))


def combinations(kind):
    """The parameters of every process asv starts for the class; a flat list is one parameter."""
    params = kind.params if isinstance(kind.params[0], list) else [kind.params]
    return list(itertools.product(*params))


BENCHMARKS = list(benchmarks())
COMBINATIONS = [(kind, name, values) for kind, name in BENCHMARKS for values in combinations(kind)]


@pytest.fixture
def threads():
    """The suite fixes the number of threads; other tests get theirs back."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_there_are_at_most_16_combinations():
    assert 10 <= len(COMBINATIONS) <= 16


def test_no_module_of_the_suite_is_left_out():
    files = {path.stem for path in (ROOT / "benchmarks" / "asv_suite").glob("*.py")}
    assert files == {*MODULES, "__init__", "setting", "older"}


@pytest.mark.parametrize(("kind", "name"), [pair for pair in BENCHMARKS if pair[1].startswith("time_")])
def test_a_timed_benchmark_is_sampled_enough_to_be_flagged(kind, name):
    assert kind.rounds * kind.repeat[0] >= FEWEST_SAMPLES
    assert 2 / math.comb(2 * FEWEST_SAMPLES, FEWEST_SAMPLES) < 0.002


@pytest.mark.parametrize(("kind", "name"), BENCHMARKS)
def test_a_benchmark_has_a_version_set_by_hand(kind, name):
    assert kind.version.isdigit()


@pytest.mark.parametrize(("kind", "name", "values"), COMBINATIONS)
def test_every_benchmark_runs_or_is_not_applicable(kind, name, values, threads):
    one = kind()
    if "cuda" in values and not torch.cuda.is_available():
        with pytest.raises(NotImplementedError, match="no CUDA device"):
            one.setup(*values)
        return
    one.setup(*values)
    value = getattr(one, name)(*values)
    if name.startswith("track_"):
        assert math.isfinite(value)
        assert value > 0
    else:
        assert value is None


def test_the_accuracy_is_that_of_its_seed_and_of_the_formula(threads):
    """IWAE at K = 512 on the 20-D Gaussian: variance c2/K, so sqrt(K x variance) = sqrt(c2) = 0.952."""
    from evidence_bench.benchmarks.asv_suite.accuracy import ErrorForCost

    values = []
    for _ in range(2):
        one = ErrorForCost()
        one.setup("iwae")
        values.append(one.track_rmse_sqrt_evaluations("iwae"))
    assert values[0] == values[1]
    assert values[0] == pytest.approx(0.952, rel=4 * 0.023)  # four standard errors of 1000 estimates


def test_the_number_of_threads_is_fixed_and_recorded():
    """asv writes env_nobuild into every result, and setting.py reads it from there."""
    from evidence_bench.benchmarks.asv_suite import setting

    settings = json.loads((ROOT / "asv.conf.json").read_text())["matrix"]["env_nobuild"]
    assert settings["OMP_NUM_THREADS"] == ["2"]
    assert setting.CPU_THREADS >= 1


def test_a_model_that_a_commit_does_not_have_is_not_applicable():
    from evidence_bench.benchmarks.asv_suite.setting import model_of

    with pytest.raises(NotImplementedError, match="no model 'of-next-year'"):
        model_of("of-next-year")


def test_commits_from_before_the_one_name_are_measured_by_their_own_modules(tmp_path):
    """A commit that has ``models`` alone: the suite's imports give that very module, once."""
    package = tmp_path / "models"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "catalogue.py").write_text("import models\nHERE = 'older'\n")
    shutil.copytree(ROOT / "benchmarks" / "asv_suite", tmp_path / "asv_suite")
    code = (
        "import asv_suite\nfrom evidence_bench.models.catalogue import HERE\nimport models.catalogue, sys\n"
        "assert sys.modules['evidence_bench.models.catalogue'] is models.catalogue\nprint(HERE)"
    )
    hidden = "import sys; sys.meta_path = [f for f in sys.meta_path if 'ditable' not in repr(f)]; "
    done = subprocess.run(
        [sys.executable, "-c", f"{hidden}{code}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "older\n", done.stderr
