"""Runs with holes: nothing finished, parts missing, numbers not finite; and folders that are no run."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_bench.benchmarks.run import main as run
from evidence_bench.reports.__main__ import main
from evidence_bench.reports.figures.drawing import KINDS
from evidence_bench.reports.read import UnreadableRun, read_run
from evidence_bench.reports.render import render_report
from tests.reports.synthetic import results_frame, status, write_run


def small_run(folder: Path) -> Path:
    """A run of one model at two K, where what it holds does not matter."""
    return write_run(folder, results=results_frame((1, 4)).query("model == 'digits-vae'"))


def html_of(folder: Path) -> str:
    return render_report(folder).read_text(encoding="utf-8")


def test_a_run_without_a_finished_cell_says_so(tmp_path):
    page = html_of(write_run(tmp_path / "run", results=results_frame().iloc[:0]))
    assert "no finished cell yet" in page
    assert "<figure" not in page
    assert "NaN among the log weights." in page


def test_an_interrupted_run_says_so(tmp_path):
    cut = {"finished": 40, "total": 133, "interrupted": True}
    page = html_of(write_run(tmp_path / "run", results=results_frame().iloc[:40], status=cut))
    assert "interrupted: 40 of 133 cells are finished. Finish it with " in page
    assert '<span class="option">--resume</span>.' in page
    assert "lognormal" not in page.partition('id="slopes"')[0].partition('id="figures"')[2]


def test_missing_parts_are_told_and_do_not_stop_the_report(tmp_path):
    folder = small_run(tmp_path / "run")
    for name in ("config.json", "provenance.json", "status.json", "slopes.parquet"):
        (folder / name).unlink()
    page = html_of(folder)
    for name in ("config.json", "provenance.json", "status.json", "slopes.parquet"):
        assert f"The folder has no {name}" in page
    assert "<figure" in page


def test_a_damaged_json_is_told(tmp_path):
    folder = small_run(tmp_path / "run")
    (folder / "status.json").write_text("{", encoding="utf-8")
    (folder / "provenance.json").write_text("[]", encoding="utf-8")
    page = html_of(folder)
    assert "status.json cannot be read" in page
    assert "provenance.json is wrong: expected object, got array" in page


def test_missing_columns_and_another_version_are_told(tmp_path):
    frame = results_frame((1, 2, 4)).drop(columns=["khat", "predicted_variance"])
    frame["result_schema_version"] = 99
    run = read_run(write_run(tmp_path / "run", results=frame))
    assert any("lacks the columns khat, predicted_variance" in notice for notice in run.notices)
    assert any("schema version 99" in notice for notice in run.notices)


def test_infinite_estimates_are_words_in_the_table_and_gaps_in_the_figures(run_folder, page):
    assert "not finite (minus infinity)" in page
    assert "infinite estimates" in page
    figures = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)).lower()
    assert not re.search(r"[ \"](?:nan|-?inf)\b", figures)


def test_nothing_finite_at_all_draws_nothing(tmp_path):
    frame = results_frame((1, 2))
    for column in frame.columns.difference(["model", "estimator", "k", "verdict", "verdict_bias"]):
        frame[column] = math.nan
    frame["bias"] = -math.inf
    page = html_of(write_run(tmp_path / "run", results=frame))
    assert page.count("Nothing to draw") == len(KINDS) * 3
    assert "No estimator can be recommended" in page


def test_a_single_cell_makes_a_report(tmp_path):
    one = results_frame().query("model == 'digits-vae' and estimator == 'iwae' and k == 64")
    page = html_of(write_run(tmp_path / "run", results=one))
    assert page.count('<article class="answer">') == 1
    assert page.count('role="img"') == len(KINDS)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "results.parquet").unlink(), "has no results.parquet"),
        (lambda folder: (folder / "results.parquet").write_bytes(b"no table"), "cannot be read"),
        (
            lambda folder: results_frame((1,)).drop(columns="k").to_parquet(folder / "results.parquet"),
            "no column k",
        ),
    ],
)
def test_a_folder_that_is_no_run_gives_a_sentence_and_2(tmp_path, capsys, spoil, says):
    folder = write_run(tmp_path / "run", samples=(1, 2))
    spoil(folder)
    assert main([str(folder)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert says in said
    assert not (folder / "report.html").exists()


def test_a_missing_folder_or_an_unwritable_file_gives_a_sentence_and_2(tmp_path, capsys):
    with pytest.raises(UnreadableRun, match="There is no run folder"):
        read_run(tmp_path / "nowhere")
    folder = small_run(tmp_path / "run")
    assert main([str(folder), "--output", str(tmp_path / "no" / "folder.html")]) == 2
    assert "give another file with --output" in capsys.readouterr().err


def test_reports_never_import_torch(run_folder, tmp_path):
    code = (
        "import sys; from evidence_bench.reports.__main__ import main; "
        f"code = main([{str(run_folder)!r}, '--output', {str(tmp_path / 'r.html')!r}]); "
        "assert code == 0; assert 'torch' not in sys.modules, 'torch'; "
        "assert 'matplotlib.pyplot' not in sys.modules or not sys.modules['matplotlib.pyplot'].get_fignums()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_help_needs_no_plotting():
    code = (
        "import sys, runpy\n"
        "sys.argv = ['reports', '--help']\n"
        "try:\n    runpy.run_module('reports', run_name='__main__')\n"
        "except SystemExit as stop:\n    assert stop.code == 0\n"
        "assert not {'pandas', 'matplotlib', 'torch', 'jinja2'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert "--output" in done.stdout


def test_failed_and_not_applicable_cells_stand_with_their_reason(page):
    assert "<b>digits-vae</b>: prior at K = 64" in page
    assert "adaptive at K = 1 to 128" in page
    reasons = {cell["reason"].replace("'", "&#39;") for cell in status()["not_applicable"]}
    assert all(reason in page for reason in reasons)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "config.json cannot be read"),
        ('{"samples": 3}', "config.json is wrong at samples: expected array, got int"),
    ],
)
def test_what_cannot_be_read_is_said_in_the_terminal_and_the_report_is_made(tmp_path, capsys, content, says):
    folder = write_run(tmp_path / "run", samples=(1, 2))
    assert main([str(folder)]) == 0
    before = capsys.readouterr().err.splitlines()
    (folder / "config.json").write_text(content, encoding="utf-8")
    assert main([str(folder)]) == 0
    said = capsys.readouterr()
    assert any(says in line for line in set(said.err.splitlines()) - set(before))
    assert all(line.startswith("warning: ") for line in said.err.splitlines())
    assert said.out == f"{folder / 'report.html'}\n"


def test_a_setting_that_is_wrong_is_said_though_no_figure_shows_it(tmp_path, capsys):
    folder = tmp_path / "run"
    small = [
        "--models",
        "lognormal",
        "--estimators",
        "iwae",
        "--samples",
        "2",
        "--replicates",
        "3",
        "--points",
        "2",
    ]
    assert run([*small, "--output", str(folder)]) == 0
    assert main([str(folder)]) == 0
    assert "warning" not in capsys.readouterr().err
    config = (folder / "config.json").read_text(encoding="utf-8")
    (folder / "config.json").write_text(
        config.replace('"replicates": 3', '"replicates": "abc"'), encoding="utf-8"
    )
    assert main([str(folder)]) == 0
    (warning,) = capsys.readouterr().err.splitlines()
    assert "config.json' is wrong at replicates: expected int, got str" in warning
