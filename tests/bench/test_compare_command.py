"""``python -m benchmarks.compare A B``: planted changes, none, and requests that make no sense."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evidence_bench.benchmarks.compare import main as compare
from evidence_bench.benchmarks.measuring.timing import Timing
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.run import main as run
from evidence_bench.benchmarks.study.settings import Cell
from tests.quickness import answers_within

ROOT = Path(__file__).resolve().parents[2]
ENDING = ".timing.json"


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One run of the bench: 12 cells, timed."""
    folder = tmp_path_factory.mktemp("compare") / "measured"
    study = "--models linear-gaussian,gaussian-20d --estimators elbo,iwae,jvi --samples 4,8 --points 2"
    assert run([*study.split(), "--replicates", "3", "--output", str(folder)]) == 0
    return folder


@pytest.fixture
def two(measured, tmp_path):
    """two(change) -> folders A and B: the run with times of a known law, those of B by ``change(cell)``."""

    def make(change=lambda cell: 1.0):
        rng = np.random.default_rng(20)
        folders = []
        for name in "AB":
            shutil.copytree(measured, tmp_path / name)
            folders.append(RunFolder(tmp_path / name))
            for cell in cells_of(folders[-1]):
                seconds = 0.01 * cell.k * (change(cell) if name == "B" else 1.0)
                times = seconds * (1 + 0.01 * rng.standard_normal(15))
                folders[-1].save_timing(cell, vars(Timing.of(list(times), 0)))
        return [str(folder.path) for folder in folders]

    return make


def cells_of(folder):
    names = sorted(path.name.removesuffix(ENDING) for path in folder.cells.glob(f"*{ENDING}"))
    facts = [folder.read_json(f"cells/{name}.json") for name in names]
    return [Cell(f["model"], f["estimator"], f["k"]) for f in facts]


def verdicts(capsys, *arguments):
    assert compare([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    return {(c["model"], c["estimator"], c["k"]): c["verdict"] for c in said["cells"]}, said


def edit(folder, name, change):
    path = Path(folder) / name
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_slowdown_of_30_percent_in_a_third_of_the_cells_is_named_and_no_other(two, capsys):
    found, said = verdicts(capsys, *two(lambda cell: 1.3 if cell.estimator == "jvi" else 1.0))
    assert {key for key, verdict in found.items() if verdict == "slower"} == {
        key for key in found if key[1] == "jvi"
    }
    assert said["counts"]["slower"] == 4
    assert said["counts"]["faster"] == 0


def test_a_slowdown_of_everything_is_named_everywhere(two, capsys):
    a, b = two(lambda cell: 1.3)
    assert set(verdicts(capsys, a, b)[0].values()) == {"slower"}
    assert set(verdicts(capsys, b, a)[0].values()) == {"faster"}


def test_equal_runs_are_the_same_at_a_wide_margin_and_never_slower(two, capsys):
    a, b = two()
    assert set(verdicts(capsys, a, b, "--margin", "0.2")[0].values()) == {"same"}
    assert set(verdicts(capsys, a, b, "--margin", "0.001")[0].values()) == {"undecided"}


def test_a_run_compared_with_itself_is_the_same(measured, capsys):
    found, said = verdicts(capsys, str(measured), str(measured), "--margin", "1")
    assert len(found) == 12
    assert {cell["ratio"] for cell in said["cells"]} == {1.0}
    assert not {"slower", "faster"} & set(found.values())


def test_the_table_names_every_cell_and_ends_with_the_conclusion(two, capsys):
    assert compare(two(lambda cell: 1.3 if cell.estimator == "jvi" else 1.0)) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert sum("jvi" in line and "slower" in line for line in lines) == 4
    assert lines[-1].startswith("Of 12 cells 4 slower, 0 faster")


def test_the_exit_status_follows_the_verdicts_only_where_asked(two):
    a, b = two(lambda cell: 1.3)
    assert compare([a, b]) == 0
    assert compare([a, b, "--fail-if-slower"]) == 1
    assert compare([b, a, "--fail-if-slower"]) == 0


@pytest.mark.parametrize(
    ("file", "key", "value", "says"),
    [
        ("provenance.json", "threads", 77, "number of threads"),
        ("provenance.json", "cpu", "another", "CPU"),
        ("provenance.json", "device", "cuda", "device"),
        ("provenance.json", "dtype", "float64", "dtype"),
        ("provenance.json", "omp", {"OMP_WAIT_POLICY": "active"}, "OMP_WAIT_POLICY=active"),
        ("config.json", "points", 77, "number of data points"),
        ("config.json", "memory", 77, "memory budget"),
    ],
)
def test_runs_that_differ_in_more_than_the_code_are_refused_unless_forced(
    two, capsys, file, key, value, says
):
    a, b = two()
    edit(b, file, lambda content: content.update({key: value}))
    assert compare([a, b]) == 2
    refused = capsys.readouterr().err
    assert says in refused
    assert "--force" in refused
    found, said = verdicts(capsys, a, b, "--force")
    assert len(found) == 12
    assert says in said["notices"][0]


def damaged(folder, what):
    first = sorted(Path(folder).glob(f"cells/*{ENDING}"))[0]
    if what == "no timing":
        for path in Path(folder).glob(f"cells/*{ENDING}"):
            path.unlink()
    elif what == "other cells":
        for path in Path(folder).glob("cells/*.json"):
            if not path.name.endswith(ENDING):
                edit(folder, f"cells/{path.name}", lambda content: content.update(k=content["k"] + 1000))
    elif what == "no json":
        first.write_text("half of")
    elif what == "no cell":
        first.with_name(first.name.replace(ENDING, ".json")).write_text("{}")
    elif what == "no provenance":
        (Path(folder) / "provenance.json").unlink()
    else:
        edit(folder, f"cells/{first.name}", lambda content: content.update(what))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("no timing", "no timed cell; finish the run with --resume"),
        ("other cells", "no timed cell in common"),
        ("no json", "cannot be read"),
        ("no cell", "object missing required field model; it names no cell"),
        ("no provenance", "provenance.json"),
        ({"seconds": 0.0}, "at seconds: expected float > 0"),
        ({"seconds": float("nan")}, "at seconds: expected float > 0"),
        ({"seconds": "fast"}, "at seconds: expected float, got str"),
        ({"seconds_stderr": -1.0}, "at seconds_stderr: expected float >= 0"),
        ({"runs": 1}, "at runs: expected int >= 2"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_a_damaged_run_gets_a_sentence(two, capsys, side, what, says):
    folders = two()
    damaged(folders[side], what)
    assert compare(folders) == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_folders_that_are_no_runs_get_a_sentence(two, capsys, tmp_path):
    a, _ = two()
    for other, says in ((tmp_path / "nowhere", "There is no folder"), (tmp_path, "is no run folder")):
        assert compare([a, str(other)]) == 2
        assert says in capsys.readouterr().err
        assert compare([str(other), a]) == 2


@pytest.mark.parametrize("margin", ["0", "-0.1", "nan", "inf", "wide"])
def test_a_margin_that_is_none_is_refused(capsys, margin):
    with pytest.raises(SystemExit) as stopped:
        compare(["A", "B", "--margin", margin])
    assert stopped.value.code == 2
    assert "share above 0" in capsys.readouterr().err


def test_cells_of_one_run_only_and_few_cells_are_said(two, capsys):
    a, b = two()
    for path in sorted(Path(b).glob(f"cells/*{ENDING}"))[:7]:
        path.unlink()
    found, said = verdicts(capsys, a, b)
    assert len(found) == 5
    assert said["sd_between_runs"] is None
    assert said["notices"][0].startswith("7 cells were timed in one of the runs only")
    assert "fewer than 8 cells" in said["notices"][1]


def test_help_answers_in_half_a_second_without_torch():
    code = "import sys, benchmarks.compare, benchmarks.record.time_summary; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
    assert answers_within(0.5, "benchmarks.compare", "--help")
