"""What lies in a file is checked when it is read: one sentence, with the file, the field and a remedy."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from evidence_bench.benchmarks.record.cell_files import (
    ARRAYS,
    HALVES,
    BadRunFolder,
    OtherVersion,
    check_arrays,
)
from evidence_bench.benchmarks.record.configuration import (
    configuration,
    read_described,
    read_earlier,
    read_settings,
)
from evidence_bench.benchmarks.run import main
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.models.door import checked, read_json
from evidence_bench.models.errors import BenchError
from evidence_bench.reports.read import read_run
from tests.reports.synthetic import write_run

SETTINGS = Settings(("lognormal",), ("iwae",), (2, 4), 3, 2)
CONFIG = json.loads(json.dumps(configuration(SETTINGS, {"models": []})))


def written(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_what_is_written_is_read(tmp_path):
    assert read_settings(written(tmp_path, CONFIG)) == SETTINGS


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"replicates": "abc"}, "at replicates: expected int, got str"),
        ({"samples": [None, 4]}, "at samples[0]: expected int, got null"),
        ({"samples": [0]}, "at samples[0]: expected int >= 1"),
        ({"samples": []}, "at samples: expected array of length >= 1"),
        ({"points": -5}, "at points: expected int >= 1"),
        ({"points": None}, "at points: expected int, got null"),
        ({"seed": "x"}, "at seed: expected int, got str"),
        ({"seed": 1.5}, "at seed: expected int, got float"),
        ({"seed": True}, "at seed: expected int, got bool"),
        ({"seed": math.nan}, "at seed: expected int, got float"),
        ({"models": "x"}, "at models: expected array, got str"),
        ({"models": [["lognormal"]]}, "at models[0]: expected str, got array"),
        ({"estimators": []}, "at estimators: expected array of length >= 1"),
        ({"dtype": "float16"}, "at dtype: 'float16' is none of its values"),
        ({"reference": "luck"}, "at reference: 'luck' is none of its values"),
        ({"memory": 0}, "at memory: expected int >= 1"),
        ({"timed": "no"}, "at timed: expected bool, got str"),
        ({"plugins": {"a": 1}}, "at plugins: expected array, got object"),
        ({"sed": 3}, "has a field 'sed', which this version does not know"),
    ],
)
def test_a_configuration_is_refused_by_the_path_of_its_field(tmp_path, capsys, change, says):
    path = written(tmp_path, CONFIG | change)
    assert main(["--resume", "--output", str(tmp_path)]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"evidence-bench: '{path}' ")
    assert says in sentence
    assert sentence.endswith("; restore it, or choose another --output.")


@pytest.mark.parametrize("content", ["", "null", "[]", "3", '"x"', "{", "[" * 100_000])
def test_what_is_no_configuration_is_refused(tmp_path, capsys, content):
    written(tmp_path, content)
    assert main(["--resume", "--output", str(tmp_path)]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "config.json" in sentence
    assert sentence.endswith("; restore it, or choose another --output.")


@pytest.mark.parametrize("change", [{"result_schema_version": 1}, {"result_schema_version": None}])
def test_a_configuration_of_another_version_is_refused(tmp_path, change):
    with pytest.raises(OtherVersion, match="another version of the bench"):
        read_settings(written(tmp_path, CONFIG | change))


def test_a_study_that_is_not_known_makes_no_difference_to_what_was_resolved(tmp_path):
    assert read_settings(written(tmp_path, CONFIG | {"study": "nobody's"})).study == "nobody's"


def test_what_else_is_read_back_is_checked_too(tmp_path):
    with pytest.raises(BadRunFolder, match=r"at described.models\[0\].typed: expected array, got str"):
        read_described(written(tmp_path, CONFIG | {"described": {"models": [{"name": "a", "typed": "b"}]}}))
    (tmp_path / "provenance.json").write_text('{"models": []}', encoding="utf-8")
    with pytest.raises(BadRunFolder, match="at models: expected object, got array"):
        read_earlier(tmp_path)


def arrays():
    found = {name: np.ones((2, 5) if name.endswith(HALVES) else 5) for name in ARRAYS}
    return found | {"estimates": np.ones((3, 5)), "x_group": np.arange(5)}


@pytest.mark.parametrize(
    ("name", "array", "says"),
    [
        ("estimates", np.ones((4, 5)), "at estimates: expected 3 x B of float64, got 4 x 5 of float64"),
        ("estimates", np.ones((3, 5), np.float32), "got 3 x 5 of float32"),
        ("estimates", np.ones(5), "got 5 of float64"),
        ("khat", np.ones(4), "at khat: expected 5 numbers, got 4 of float64"),
        ("c2_halves", np.ones(5), "at c2_halves: expected 2 x 5 numbers, got 5"),
        ("reference", np.array(["x"] * 5), "at reference: expected 5 numbers, got 5 of <U1"),
        ("ess", np.array(1.0), "at ess: expected 5 numbers, got one of float64"),
    ],
)
def test_the_arrays_of_a_cell_have_their_shapes(tmp_path, name, array, says):
    check_arrays(arrays(), 3, tmp_path)
    with pytest.raises(BadRunFolder) as refused:
        check_arrays(arrays() | {name: array}, 3, tmp_path)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("part", "content", "says"),
    [
        ("config", {"models": [["x"]]}, "config.json is wrong at models[0]: expected str, got array"),
        ("status", {"failed": [{"k": "2"}]}, "status.json is wrong at failed[0].k: expected int, got str"),
        ("provenance", {"command": ["x"]}, "provenance.json is wrong at command: expected str, got array"),
        ("paper", {"sheets": [None]}, "paper.json is wrong at sheets[0]: expected object, got null"),
        (
            "paper",
            {"sheets": [{"title": "", "columns": [], "rows": [[1]], "notes": []}]},
            "paper.json has a row that does not fit its headings",
        ),
    ],
)
def test_a_report_says_which_part_of_a_run_it_cannot_read(tmp_path, part, content, says):
    folder = write_run(tmp_path / "run", samples=(1, 2))
    (folder / f"{part}.json").write_text(json.dumps(content), encoding="utf-8")
    assert any(notice.startswith(says) and "cannot say" in notice for notice in read_run(folder).notices)


def test_a_number_is_no_text_and_nonsense_is_no_json(tmp_path):
    assert checked([1, 2], list[int], "it", "mend it") == [1, 2]
    with pytest.raises(BenchError, match=r"^'it' is wrong at \[1\]: expected int, got str; mend it\.$"):
        checked([1, "2"], list[int], "it", "mend it")
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    with pytest.raises(BenchError, match="no JSON"):
        read_json(tmp_path / "x", "mend it")
    with pytest.raises(BenchError, match="No such file"):
        read_json(tmp_path / "y", "mend it")
