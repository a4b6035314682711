"""Without a terminal a run says little, and all that goes wrong."""

import pytest

from evidence_bench.benchmarks.command import progress
from evidence_bench.benchmarks.command.progress import Reporter
from evidence_bench.benchmarks.measuring import subject
from evidence_bench.benchmarks.study.settings import Cell


def test_a_line_for_each_model_and_estimator_and_every_reason_of_a_failure(capsys):
    """200 cells of 2 models x 2 estimators, measured and timed: 8 lines. Ten cells that fail for one reason,
    ten of another model and one for another reason: 3.
    """
    cells = [Cell(m, e, k) for m in ("a", "b") for e in ("x", "y") for k in range(1, 51)]
    with Reporter(len(cells)) as reporter:
        for cell in cells:
            reporter.cell(cell, "measured")
            reporter.cell(cell, f"timed, {cell.k / 7:.3g} s")
        for cell in (*cells[:10], *cells[-10:]):
            reporter.cell(cell, "failed: no such luck")
        reporter.cell(cells[0], "failed: no luck either")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 8 + 3
    assert sum("failed" in line for line in lines) == 3


@pytest.fixture
def now(monkeypatch):
    """The time in seconds, in a list."""
    seconds = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: seconds[0])
    return seconds


def test_silence_ends_after_ten_seconds(capsys, now):
    with Reporter(60) as reporter:
        for k in range(60):
            now[0] += 1.0
            reporter.cell(Cell("a", "x", k), "measured")
    assert len(capsys.readouterr().err.splitlines()) == 6


def test_a_reference_is_heard_of_at_its_beginning_and_at_its_end(capsys, now):
    with Reporter(1) as reporter:
        for what in ("log p(x)", "second opinion on log p(x)"):
            for done in range(5):
                reporter.part("a", what, done, 4)
                now[0] += 2.0
    assert capsys.readouterr().err.splitlines() == [
        "a, log p(x): 0 of 4 points",
        "a, log p(x): 4 of 4 points",
        "a, second opinion on log p(x): 4 of 4 points",
    ]


def test_other_work_on_many_points_has_a_line_after_ten_seconds_and_at_its_end(capsys, now):
    with Reporter(1) as reporter:
        for done in range(0, 101, 10):
            reporter.part("a", "data", done, 100)
            now[0] += 3.0
    assert capsys.readouterr().err.splitlines() == [
        "a, data: 40 of 100 points, 18 s left",
        "a, data: 80 of 100 points, 6 s left",
        "a, data: 100 of 100 points",
    ]


def test_a_run_says_how_far_its_data_and_its_draws_are(bench, capsys, monkeypatch):
    """Where every part has a line. The data are made once more, for the look."""
    monkeypatch.setattr(progress, "LINES_APART", 0.0)
    monkeypatch.setattr(subject, "POINTS_APART", 1)
    assert bench("--estimators", "iwae")[0] == 0
    said = capsys.readouterr().err.splitlines()
    for what in ("data", "data once more", "iwae"):
        assert f"linear-gaussian, {what}: 3 of 3 points" in said
    assert "linear-gaussian, data: 1 of 3 points" in said
