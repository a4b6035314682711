"""Without a terminal a run says little, and all that goes wrong."""

from evidence_bench.benchmarks.progress import Reporter
from evidence_bench.benchmarks.settings import Cell


def test_a_line_for_each_model_and_estimator_and_every_failure(capsys):
    """200 cells of 2 models x 2 estimators, measured and timed: 8 lines, and one for each failure."""
    cells = [Cell(m, e, k) for m in ("a", "b") for e in ("x", "y") for k in range(1, 51)]
    with Reporter(len(cells)) as reporter:
        for cell in cells:
            reporter.cell(cell, "measured")
            reporter.cell(cell, f"timed, {cell.k / 7:.3g} s")
        for cell in cells[:3]:
            reporter.cell(cell, "failed: no such luck")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 8 + 3
    assert sum("failed" in line for line in lines) == 3


def test_silence_ends_after_ten_seconds(capsys, monkeypatch):
    from evidence_bench.benchmarks import progress

    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with Reporter(60) as reporter:
        for k in range(60):
            now[0] += 1.0
            reporter.cell(Cell("a", "x", k), "measured")
    assert len(capsys.readouterr().err.splitlines()) == 6
