"""A plug-in finds the files beside it whenever it imports them, and nobody else does."""

from __future__ import annotations

import statistics
import sys

import pytest

from evidence_bench.benchmarks.study.plugins import load_plugins

ESTIMATOR = "bench.add_estimator('{name}', reducer=lambda log_w: {value})"


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder / "mine.py")


def reduced(bench, name):
    """What the reducer of that estimator makes of nothing."""
    return bench.estimators[name].reducer()(None)


@pytest.fixture(autouse=True)
def _same_modules():
    """Modules of plug-ins go with the test."""
    before = dict(sys.modules)
    yield
    for name in [name for name in sys.modules if name not in before]:
        if str(getattr(sys.modules[name], "__file__", "")).startswith("/tmp"):
            del sys.modules[name]
    assert all(sys.modules[name] is module for name, module in before.items())


def test_imports_in_register_and_in_functions_find_the_neighbours(tmp_path):
    plugin = write(
        tmp_path,
        mine=(
            "def reduce(log_w):\n    import in_function, importlib\n    from package.deep import VALUE\n"
            "    third = importlib.import_module('by_name').VALUE\n"
            "    return in_function.VALUE + VALUE + third\n"
            "def register(bench):\n    from in_register import name\n"
            "    bench.add_estimator(name, reducer=reduce)\n"
        ),
        in_register="name = 'late'",
        in_function="def value():\n    from deeper import VALUE\n    return VALUE\nVALUE = value()",
        deeper="VALUE = 1",
        by_name="VALUE = 100",
        package__deep="from .beside import VALUE",
        package__beside="VALUE = 10",
    )
    bench = load_plugins((plugin,))
    assert reduced(bench, "late") == 111
    names = {path.rpartition("/")[2] for path in bench.files()[plugin]}
    wanted = {
        "mine.py",
        "in_register.py",
        "in_function.py",
        "deeper.py",
        "by_name.py",
        "deep.py",
        "beside.py",
    }
    assert wanted == names


def test_two_plug_ins_may_have_helpers_of_one_name(tmp_path):
    text = "def register(bench):\n    bench.add_estimator('{0}', reducer=reduce)\ndef reduce(log_w):\n"
    text += "    import helper, later\n    return helper.VALUE + later.value()\n"
    paths = [
        write(
            tmp_path / name,
            mine=text.format(name),
            helper=f"VALUE = {value}",
            later="def value():\n    import helper\n    return helper.VALUE",
        )
        for name, value in (("a", 1), ("b", 10))
    ]
    bench = load_plugins(paths)
    assert [reduced(bench, name) for name in "abba"] == [2, 20, 20, 2]


def test_a_neighbour_that_is_named_like_ours_or_the_library_is_seen_by_the_plug_in_alone(tmp_path):
    plugin = write(
        tmp_path,
        mine=(
            "import models, statistics\nfrom evidence_bench.estimators.base import Estimator\n"
            "def reduce(log_w):\n    import models\n    return models.VALUE + statistics.VALUE\n"
            "def register(bench): bench.add_estimator('own', reducer=reduce)\n"
        ),
        models="VALUE = 1",
        statistics="VALUE = 10",
    )
    assert reduced(load_plugins((plugin,)), "own") == 11
    assert sys.modules["statistics"] is statistics


def test_an_edit_within_the_same_second_is_seen(tmp_path):
    """No compiled form of the file before is taken: its time and its size are the same."""
    for value in (1, 2):
        text = f"import helper\ndef register(bench): {ESTIMATOR.format(name='e', value='helper.VALUE')}"
        plugin = write(tmp_path, mine=text, helper=f"VALUE = {value}")
        assert reduced(load_plugins((plugin,)), "e") == value
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_link_a_relative_path_and_a_repetition_are_one_plug_in(tmp_path, monkeypatch):
    plugin = write(tmp_path / "real", mine=f"def register(bench): {ESTIMATOR.format(name='e', value=1)}")
    (tmp_path / "link.py").symlink_to(plugin)
    monkeypatch.chdir(tmp_path)
    bench = load_plugins((plugin, "link.py", "real/../link.py"))
    assert list(bench.plugins) == [plugin]
