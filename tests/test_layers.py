"""Imports go one way: models <- estimators <- benchmarks <- reports, commands excepted."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "evidence_bench."
ORDER = ["models", "estimators", "benchmarks", "reports"]
COMMANDS = {
    "models/train.py",
    "models/zoo.py",
    "benchmarks/run.py",
    "benchmarks/check.py",
    "benchmarks/compare.py",
    "benchmarks/speed.py",
    "reports/__main__.py",
}
FILES = sorted(p.relative_to(ROOT).as_posix() for name in ORDER for p in (ROOT / name).rglob("*.py"))


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.removeprefix(PACKAGE) for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module.removeprefix(PACKAGE)]
    return []


def imports_of(file: str, *, within_functions: bool) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    hidden = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    nodes = [n for n in ast.walk(tree) if within_functions or id(n) not in hidden]
    return {name for node in nodes for name in imported(node)}


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_only_its_own_layer_and_those_below(file):
    above = ORDER[ORDER.index(file.split("/")[0]) + 1 :]
    names = imports_of(file, within_functions=file not in COMMANDS)
    assert not {name for name in names if name.split(".")[0] in above}


@pytest.mark.parametrize("file", FILES)
def test_no_module_imports_a_command(file):
    commands = {c.removesuffix(".py").replace("/", ".") for c in COMMANDS}
    assert not imports_of(file, within_functions=True) & commands


def test_every_package_is_in_the_wheel():
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {PACKAGE + Path(file).parent.as_posix().replace("/", ".") for file in FILES}
    assert found | {"evidence_bench"} == set(listed)


@pytest.mark.parametrize(
    "module",
    [
        "models.catalogue",
        "estimators.catalogue",
        "benchmarks.study.cli",
        "benchmarks.record.results",
        "reports.render",
    ],
)
def test_what_lists_and_reports_does_not_import_torch(module):
    code = f"import sys, {PACKAGE}{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_public_functions_do_not_look_like_asv_benchmarks():
    prefixes = ("time_", "track_", "mem_", "peakmem_")
    found = [
        (file, node.name)
        for file in FILES
        if "asv_suite" not in file
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith(prefixes)
    ]
    assert not found


ASKED_IN = {"models/offers.py", "models/vaes/card.py"}  # the second needs no torch


@pytest.mark.parametrize("file", FILES)
def test_what_a_model_offers_is_asked_for_in_one_place(file):
    """No getattr or hasattr of a named attribute of a model or a proposal elsewhere."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr")
    ]
    asked = [
        ast.unparse(call)
        for call in calls
        if ast.unparse(call.args[0]).split(".")[-1] in ("model", "proposal", "prior")
        and isinstance(call.args[1], ast.Constant)
    ]
    assert file in ASKED_IN or not asked


WITHOUT_TORCH = ("command", "record", "recommendations", "statistics", "papers")
MOST_BESIDE_EACH_OTHER = 16  # modules and packages that stand directly in benchmarks/


@pytest.mark.parametrize("folder", [*(f"benchmarks/{name}" for name in WITHOUT_TORCH), "reports"])
def test_what_asks_keeps_judges_and_tells_does_not_import_torch(folder):
    """Not as it is loaded; a function that needs torch imports what it needs."""
    modules = [
        (PACKAGE + file.removesuffix(".py").replace("/", ".")).removesuffix(".__init__")
        for file in FILES
        if file.startswith(f"{folder}/") and not file.endswith("__main__.py")
    ]
    code = f"import importlib, sys\nfor name in {modules!r}:\n    importlib.import_module(name)\n"
    code += "    assert 'torch' not in sys.modules, name"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr.splitlines()[-1]


def test_few_enough_stand_beside_each_other_in_benchmarks():
    here = {file.split("/")[1] for file in FILES if file.startswith("benchmarks/")} - {"__init__.py"}
    assert len(here) <= MOST_BESIDE_EACH_OTHER
