"""The command, from its arguments to the page."""

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_bench.benchmarks.speed import main
from evidence_bench.benchmarks.throughput import measure, settings
from evidence_bench.reports.__main__ import main as report
from tests.quickness import answers_within
from tests.reports.test_page import read

ROOT = Path(__file__).resolve().parents[2]
TINY = replace(
    settings.QUICK,
    main_seconds=0,
    deep_seconds=0,
    growth_seconds=0,
    fewest=6,
    most=6,
    samples_grid=(10, 100, 1000),
    points_grid=(1, 2),
    latents_grid=(5, 10, 20),
)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """(folder, what went to stdout, what went to stderr) of one tiny run."""
    folder = tmp_path_factory.mktemp("speed") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "QUICK", TINY)
        patch.setattr(
            measure, "_NO_MEMORY_IN_QUICK", ("gemm", "textbook", "textbook-parts", "pyro", "pythae")
        )
        out, err = _captured(patch)
        words = ["--quick", "--json", "--points", "2", "--samples", "20", "--output", str(folder)]
        assert main(words) == 0
    return folder, out.getvalue(), err.getvalue()


def _captured(patch):
    import io

    out, err = io.StringIO(), io.StringIO()
    patch.setattr(sys, "stdout", out)
    patch.setattr(sys, "stderr", err)
    return out, err


def test_json_has_the_promised_figures_and_nothing_else_is_printed(done):
    _, out, _ = done
    figures = json.loads(out)
    peers = [one for one in ("pyro", "pythae") if one not in figures["absent"]]
    assert figures["evaluations_per_second"] > 0
    assert 0 < figures["gemm_share"] <= 1.5
    assert figures["textbook_ratio"] > 0
    assert (figures["fastest_peer_ratio"] is None) == (not peers)
    assert 0 < figures["accuracy_nats"] < 1e-3
    assert figures["largest_K"] == 1000
    assert figures["largest_K_peak_bytes"] > 8 * 1000
    assert figures["peak_bytes"]["evidence-bench-eager"] > 0
    assert figures["time_exponent_L"] is not None
    assert (figures["points"], figures["samples"], figures["rounds"]) == (2, 20, 6)


def test_the_raw_rounds_give_the_figures(done):
    folder, out, _ = done
    data, figures = json.loads((folder / "speed.json").read_text()), json.loads(out)
    main_setting = data["settings"][0]
    rounds = {one["name"]: one["wall_rounds"] for one in main_setting["contenders"]}
    ratios = sorted(a / b for a, b in zip(rounds["textbook"], rounds["evidence-bench"], strict=True))
    assert figures["textbook_ratio"] == pytest.approx((ratios[2] + ratios[3]) / 2)
    assert figures["textbook_ratio_interval"] == pytest.approx([ratios[0], ratios[-1]])
    with (folder / "speed.csv").open() as file:
        rows = list(csv.DictReader(file))
    kept = [float(r["seconds"]) for r in rows if (r["part"], r["contender"]) == ("one layer", "textbook")]
    assert kept == rounds["textbook"]
    assert {"growth with K", "growth with B", "growth with L", "two layers"} < {r["part"] for r in rows}


def test_the_run_folder_says_what_was_asked_and_by_what(done):
    folder, _, _ = done
    assert json.loads((folder / "config.json").read_text())["samples"] == 20
    facts = json.loads((folder / "provenance.json").read_text())
    assert facts["command"].startswith("python -m benchmarks.speed")
    assert {"torch", "pyro-ppl", "pythae"} <= set(facts["versions"])
    assert facts["finished"] >= facts["started"]


def test_the_page_is_one_well_formed_file_and_can_be_made_again(done, tmp_path, capsys):
    folder, _, _ = done
    page = (folder / "report.html").read_text()
    reader = read(page)
    assert reader.wrong == reader.open == []
    ids = [value for _, name, value in reader.attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    fetched = [v for _, name, v in reader.attributes if name in ("href", "src")]
    assert {v[:1] for v in fetched if not v.startswith("data:")} == {"#"}
    assert page.count('<svg viewBox="0 0 380') == 7
    assert not re.search(
        r"\bnan\b|None|Traceback", re.sub(r"<svg.*?</svg>|data:[^\"]*", "", page, flags=re.S)
    )
    assert report([str(folder), "--output", str(tmp_path / "again.html")]) == 0
    assert (tmp_path / "again.html").read_text() == page
    capsys.readouterr()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data | {"speed_schema_version": 0}, "version 0"),
        (lambda data: {k: v for k, v in data.items() if k != "growth"}, "missing required field growth"),
        (lambda data: data | {"settings": []}, "at settings: expected array of length >= 1"),
        (lambda data: data | {"growth": {"K": {"sizes": [{"size": 0}]}}}, "at growth[...].sizes[0].size"),
        (lambda data: data | {"threads": "two"}, "at threads: expected int, got str"),
    ],
)
def test_a_damaged_run_gets_a_sentence(done, tmp_path, capsys, damage, says):
    data = json.loads((done[0] / "speed.json").read_text())
    for name in ("config.json", "provenance.json"):
        (tmp_path / name).write_text((done[0] / name).read_text())
    (tmp_path / "speed.json").write_text(json.dumps(damage(data)))
    assert report([str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "make the run again" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--device", "nowhere"], "--device cpu"),
        (["--largest", "5"], "at least 10"),
        (["--output", str(ROOT / "tests")], "not an empty folder"),
        (["--output", "/dev/null/run"], "choose another with --output"),
    ],
)
def test_a_request_that_makes_no_sense_gets_a_sentence(arguments, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["--quick", *arguments]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["--samples", "0"], ["--points", "x"], ["--threads", "-1"], ["--nonsense"]]
)
def test_an_argument_that_makes_no_sense_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_a_contender_that_disagrees_stops_the_run_with_status_one(tmp_path, capsys, monkeypatch):
    from evidence_bench.benchmarks.throughput import agreement

    monkeypatch.setattr(agreement, "TOLERANCE", 0.0)
    words = ["--quick", "--points", "1", "--samples", "2", "--output", str(tmp_path / "run")]
    assert main(words) == 1
    assert "so its time means nothing" in capsys.readouterr().err


def test_help_answers_in_half_a_second_without_torch():
    assert answers_within(0.5, "benchmarks.speed", "--help")
    code = "import sys, benchmarks.speed; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
