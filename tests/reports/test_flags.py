"""What speaks against a row: one list, the same in the row, in the terminal and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_bench.benchmarks.record.flags import FLAGS, words_of
from evidence_bench.reports import render
from evidence_bench.reports.figures.drawing import draw_all
from evidence_bench.reports.read import read_run
from evidence_bench.reports.render import render_report
from evidence_bench.reports.table import full_table
from evidence_bench.reports.terminal.summary import print_summary
from tests.reports.synthetic import results_frame, write_run

K = 64


def spoilt(**values):
    """Results of which the cells of iwae on digits-vae at K = 64 have these values."""
    frame = results_frame((16, K))
    here = (frame["model"] == "digits-vae") & (frame["estimator"] == "iwae") & (frame["k"] == K)
    for name, value in values.items():
        frame.loc[here, name] = value
    return frame, frame[here].iloc[0]


@pytest.mark.parametrize(("share", "flagged"), [(0.0, False), (0.05, False), (0.06, True), (0.5, True)])
def test_a_row_is_flagged_by_the_share_of_points_and_not_by_the_median_k_hat(share, flagged):
    """Half of the points may be bad under a median of 0.31."""
    _, row = spoilt(khat=0.31, **{"khat_above_0.7": share})
    assert any("k-hat" in word for word in words_of(row)) == flagged
    _, row = spoilt(khat=0.99, **{"khat_above_0.7": share})
    assert any("k-hat" in word for word in words_of(row)) == flagged


RAISED = {
    "mean weight is not p(x)": {"weight_check": "fails", "weight_gap": 0.5},
    "infinite estimates": {"n_not_finite": 2},
    "k-hat above 0.7": {"khat": 0.3, "khat_above_0.7": 0.4},
    "reference too coarse for this bias": {"reference_stderr": 0.5},
    "reference in doubt": {"reference_doubtful": 0.4},
    "weights not iid": {"iid_check": "contradicts", "iid_ratio": 2.2, "iid_ratio_stderr": 0.1},
    "contradicts its bound": {
        "bound_check": "contradicts",
        "bound_excess": 0.0138,
        "bound_excess_stderr": 0.0017,
    },
    "costs more than K": {"cost_check": "contradicts", "evaluations": 2 * K},
    "depends on the order of its weights": {"symmetric_check": "contradicts", "asymmetry": 0.3},
    "expansion not usable": {"in_regime": 0.3},
}


def test_every_flag_is_tried():
    assert {flag.short for flag in FLAGS} == set(RAISED)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The figures without any of these values: they show none of them, and to draw them takes seconds."""
    return draw_all(read_run(write_run(tmp_path_factory.mktemp("drawn"), results=spoilt()[0])))


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.short)
def test_row_terminal_and_page_say_the_same(flag, drawn, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(render, "draw_all", lambda run: drawn)
    frame, row = spoilt(**RAISED[flag.short])
    run = read_run(write_run(tmp_path / "run", results=frame))
    in_row = f"{flag.short} ({flag.figure(row)})"
    assert in_row in words_of(row)
    table = full_table(run.results)
    cells = [r.cells for r in table.rows if r.cells[:3] == ("digits-vae", "iwae", str(K))]
    assert in_row in cells[0][-1]
    page = render_report(tmp_path / "run").read_text(encoding="utf-8")
    assert page.replace('<span class="option">', "").replace("</span>", "").count(flag.sentence[1:]) == 1
    print_summary(run, Path("report.html"))
    told = [line for line in capsys.readouterr().out.splitlines() if flag.sentence[1:] in line]
    assert bool(told) == (flag.level != "note")
    assert all(line.startswith("WARNING") for line in told)


def test_the_worst_row_is_named(tmp_path):
    from evidence_bench.reports.reasons import distrusted

    frame, _ = spoilt(**{"khat_above_0.7": 0.8})
    run = read_run(write_run(tmp_path / "run", results=frame))
    (found,) = [one for one in distrusted(run) if "k-hat" in one.reason]
    assert found.worst == f"80% of the points, iwae at K = {K} on digits-vae"
