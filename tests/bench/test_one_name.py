"""The one import name, in a folder that is full of the names that our own folders have."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_bench import PARTS
from evidence_bench.benchmarks.study.additions import BadPlugin
from evidence_bench.benchmarks.study.plugin_errors import is_second
from evidence_bench.benchmarks.study.plugins import load_plugins

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--estimators", "iwae", "--samples", "4", "--replicates", "5", "--points", "2"]
SMALL += ["--output", "reports/x"]
NOTEBOOK = """
import models, estimators, reports, benchmarks
from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.models.catalogue import build_model
import torch

assert {models.MINE, estimators.MINE, reports.MINE, benchmarks.MINE} == {True}
model = build_model("digits-vae")[1]
generator = torch.Generator().manual_seed(0)
print(build_estimator("iwae")(model, model.data(2), 8, generator).shape)
"""


@pytest.fixture
def crowded(tmp_path):
    """A project with models, estimators, benchmarks and reports of its own, as files and as packages."""
    for name in ("models", "reports", "benchmarks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("MINE = True\n")
    for name in ("models", "estimators"):
        (tmp_path / f"{name}.py").write_text("MINE = True\n")
    (readme,) = re.findall(
        r"```python\n(# mine\.py\nimport math.*?)```", (ROOT / "README.md").read_text(), re.S
    )
    (tmp_path / "mine.py").write_text(readme)
    return tmp_path


def ran(folder, *words):
    """Of a Python process that is started there and finds evidence_bench as an installed one does."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readmes_plug_in_runs_there(crowded):
    ran(crowded, "-m", "evidence_bench", "--plugin", "mine.py", "--models", "shifted", *SMALL)
    assert (crowded / "reports" / "x" / "report.html").is_file()


def test_a_script_imports_both_its_own_names_and_ours(crowded):
    (crowded / "notebook.py").write_text(NOTEBOOK)
    assert "torch.Size([2])" in ran(crowded, "notebook.py")


def test_an_output_below_a_mere_folder_of_our_names_gets_its_report(tmp_path):
    for name in PARTS:
        (tmp_path / name).mkdir()
    ran(tmp_path, "-m", "evidence_bench", "run", "--models", "lognormal", *SMALL)
    assert (tmp_path / "reports" / "x" / "report.html").is_file()


@pytest.mark.parametrize("command", ["run", "speed", "compare", "check", "report", "train", "zoo"])
def test_every_command_is_there_and_loads_no_module_twice(command, tmp_path):
    code = (
        "import sys\nfrom evidence_bench import PARTS\nfrom evidence_bench.__main__ import main\n"
        f"try:\n    main([{command!r}, '--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "sys.exit(', '.join(m for m in sys.modules if m.partition('.')[0] in PARTS) or 0)"
    )
    assert "usage" in ran(tmp_path, "-c", code)


def test_no_test_before_this_one_has_imported_a_bare_name():
    assert not [name for name in sys.modules if is_second(name)]


@pytest.mark.parametrize("where", ["", "def register(bench):\n    "])
def test_a_plug_in_that_imports_ours_by_the_old_name_is_told_the_new_one(tmp_path, where):
    """A module under two names is two modules, whose classes are not each other's."""
    plugin = tmp_path / "mine.py"
    plugin.write_text(f"{where}from models.distributions import DiagonalGaussian\n")
    with pytest.raises(BadPlugin, match=r"import 'evidence_bench\.models"):
        load_plugins((str(plugin),))
    for name in [name for name in sys.modules if name.partition(".")[0] in PARTS]:
        del sys.modules[name]
