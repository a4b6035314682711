"""What stands first: log p(x) with its errors, the estimator to take at a budget, and whether to trust it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evidence_bench.benchmarks.recommendations.budget import EVALUATIONS, SECONDS, Budget, parse_budgets
from evidence_bench.benchmarks.recommendations.curves import curves_of
from evidence_bench.benchmarks.recommendations.recommend import recommend, recommend_for_mean, usual_budgets
from evidence_bench.benchmarks.statistics.curve_point import How
from evidence_bench.benchmarks.statistics.ranking import Verdict, rmse_interval
from evidence_bench.models.errors import BadOption
from evidence_bench.reports.answers import DOUBTED, EXTRAPOLATED, answers, marks
from evidence_bench.reports.levels import levels
from evidence_bench.reports.read import read_run
from evidence_bench.reports.render import to_html
from evidence_bench.reports.terminal.summary import print_summary
from tests.reports.synthetic import C2, moments, results_frame, stored_cells, write_run

MODEL = "linear-gaussian"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The synthetic run with the curves of its raw estimates."""
    folder = write_run(tmp_path_factory.mktemp("runs") / "run")
    return replace(read_run(folder), curves=tuple(curves_of(stored_cells())))


@pytest.fixture(scope="module")
def curves(run):
    return {one.model: one for one in run.curves}


def rmse(estimator, k, model=MODEL):
    bias, variance = moments(model, estimator, k)
    return float(np.hypot(bias, variance**0.5))


def test_the_end_of_the_grid_does_not_decide_at_equal_time(curves):
    """At K = 1024 adaptive has 1/17 of the others' variance, and costs 40 times as much a sample.

    In the time that it takes there iwae's K = 40,960 has 1/40 of it, and its grid ends at 1024: time is not
    followed so far, and what is said of iwae holds for a K that is bought for sure.
    """
    equal_k = recommend(curves[MODEL], Budget(EVALUATIONS, 1024))
    assert (equal_k.verdict, equal_k.names) == (Verdict.BEST, ("adaptive",))
    in_its_time = recommend(curves[MODEL], Budget(SECONDS, 5e-6 + 4e-5 * 1024))
    assert in_its_time.verdict is Verdict.UNDECIDED
    found = {choice.estimator: choice for choice in in_its_time.choices}
    assert set(found) == {"iwae", "jvi", "jvi[order=2]", "adaptive"}
    assert (found["iwae"].how, found["iwae"].beyond) == (How.ENDED, True)
    assert 10000 < found["iwae"].k < 40960
    assert found["iwae"].rmse.high > rmse("iwae", 40960)
    assert "raise --samples to about" in in_its_time.why


def test_a_little_beyond_the_grid_is_followed_in_time(curves):
    """Six times the last K."""
    at = curves[MODEL].at(Budget(SECONDS, 5e-6 + 1e-6 * 6144))["iwae"]
    assert (at.how, at.beyond) == (How.BEYOND, True)
    interval = rmse_interval(at)
    assert interval.low <= rmse("iwae", 6144) <= interval.high
    assert interval.high / interval.low > 1.5  # the law of seconds alone leaves a factor of 3 in K


@pytest.mark.parametrize("estimator", ["iwae", "adaptive"])
def test_the_expected_error_is_that_of_the_k(curves, estimator):
    for k in (256, 300, 1024):
        at = curves[MODEL].at(Budget(EVALUATIONS, k))[estimator]
        assert at.rmse == pytest.approx(rmse(estimator, k), rel=0.1)


def test_the_mean_over_points_wants_less_bias(curves):
    """iwae has bias .03 at K = 16 where jvi has .001; its variance is a little smaller."""
    cells = [one for one in stored_cells((8, 16), 400) if one.cell.estimator in ("iwae", "jvi")]
    (own,) = [one for one in curves_of(cells) if one.model == "lognormal[s2=1]"]
    found = recommend_for_mean(own, Budget(EVALUATIONS, 16))
    assert found is not None
    assert found.names == ("jvi",)
    assert recommend(own, Budget(EVALUATIONS, 16)).names[0] == "iwae"


def test_a_budget_below_every_cell_gets_the_cheapest(curves):
    found = recommend(curves[MODEL], Budget(SECONDS, 1e-6))
    assert found.verdict is Verdict.NOTHING
    assert "the cheapest that was measured is" in found.why


def test_usual_budgets_are_what_all_reached_and_powers_of_ten(curves):
    evaluations, *times = usual_budgets(curves[MODEL])
    assert evaluations == Budget(EVALUATIONS, 1024)
    assert [str(one) for one in times] == ["1 ms a point", "10 ms a point", "100 ms a point"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("ms=10", "10 ms a point"), ("seconds=.0005", "500 µs a point"), ("seconds=2", "2 s a point"),
     ("evaluations=2_000", "2,000 evaluations a point"), ("ms=999.99", "1 s a point")],
)  # fmt: skip
def test_budgets_are_read_and_written(text, said):
    assert str(parse_budgets(text)[0]) == said


@pytest.mark.parametrize("text", ["", "ms", "ms=", "ms=-1", "ms=nan", "hours=1", "10"])
def test_what_is_no_budget_gets_a_sentence(text):
    with pytest.raises(BadOption, match=r"is not a budget|is not a number above 0"):
        parse_budgets(text)


def test_the_page_and_the_terminal_open_with_the_answer(run, tmp_path, capsys):
    page = to_html(run)
    first = page.partition("<main>")[2]
    assert first.index('id="answer"') < first.index('id="findings"')
    for model in C2:
        assert f"<h2>{model}</h2>" in page
    assert EXTRAPOLATED in page
    print_summary(run, tmp_path / "report.html")
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[0].startswith("log p(x)")
    assert lines[1] == f"{MODEL}: log p(x) = -31.5000 nats" or lines[1].startswith(
        f"{MODEL}: log p(x) = -31.5"
    )
    assert max(len(line) for line in lines if "  K = " in line or " ± " in line) <= 100


def test_asked_budgets_replace_the_usual_ones(run):
    for one in answers(run, parse_budgets("ms=3,evaluations=77")):
        assert [budget.budget for budget in one.budgets] == ["3 ms", "77 evaluations"]


def test_what_is_flagged_is_marked_and_what_is_wrong_is_not_recommended(tmp_path, run):
    frame = results_frame()
    frame.loc[frame["model"] == MODEL, "khat_above_0.7"] = 0.4
    frame.loc[frame["model"] == "digits-vae", "weight_check"] = "fails"
    spoilt = replace(read_run(write_run(tmp_path / "run", results=frame)), curves=run.curves)
    found = {one.level.model: one for one in answers(spoilt)}
    assert all(DOUBTED in line.take for budget in found[MODEL].budgets for line in budget.lines)
    assert found[MODEL].trust.word == "with care"
    assert "k-hat above 0.7 at 40% of the points in 44 of 44 cells" in " ".join(found[MODEL].trust.reasons)
    wrong = found["digits-vae"]
    assert wrong.trust.word == "no"
    assert all(not budget.lines and "correct log_joint" in budget.why for budget in wrong.budgets)
    assert "contradicts itself" in wrong.trust.reasons[0]
    assert "exact" not in " ".join(wrong.trust.reasons)


def test_a_few_points_of_each_cell_are_not_told_as_all_cells(tmp_path, run):
    frame = results_frame()
    here = frame["model"] == MODEL
    frame.loc[here, "khat_above_0.7"] = np.where(frame.loc[here, "k"] > 100, 3 / 32, 2 / 32)
    few = replace(read_run(write_run(tmp_path / "run", results=frame)), curves=run.curves)
    (said,) = [one.trust for one in answers(few) if one.level.model == MODEL]
    assert any(reason.startswith("k-hat above 0.7 at 6% to 9% of the points in") for reason in said.reasons)


@pytest.mark.parametrize(
    ("scatter", "word", "said"),
    [
        (0.03, "yes", ""),
        (0.1, "yes", "times scatter by 11%"),
        (0.25, "with care", "more than 20% (a busy machine?)"),
    ],
)
def test_trust_speaks_of_the_timing(run, scatter, word, said):
    timed = replace(run, curves=tuple(replace(one, times_scatter=scatter) for one in run.curves))
    (found,) = [one.trust for one in answers(timed) if one.level.model == MODEL]
    assert found.word == word
    assert said in " ".join(found.reasons)
    assert ("times scatter" in " ".join(found.reasons)) == bool(said)


def test_a_busy_machine_shows_in_the_scatter():
    """Five rounds with a factor of 13 between least and largest: log 13 / 2.326 * 1.2533 / sqrt(5) = .62."""
    cells = [one for one in stored_cells((16, 64, 256)) if one.cell.model == MODEL]
    for i, one in enumerate(cells):  # in another round of each cell
        one.timing["rounds"] = (one.timing["seconds"] * np.roll([0.5, 0.9, 1.0, 1.1, 6.5], i)).tolist()
    (busy,) = curves_of(cells)
    assert busy.times_scatter == pytest.approx(0.62, abs=0.01)
    quiet = {one.model: one for one in curves_of(stored_cells((16, 64, 256)))}[MODEL]
    assert quiet.times_scatter == pytest.approx(0.01)


def test_one_replicate_says_why_nothing_is_recommended(tmp_path, capsys):
    frame = results_frame((16, 64))
    frame["replicates"] = 1
    alone = read_run(write_run(tmp_path / "run", results=frame))
    for one in answers(alone):
        assert one.trust.word == "as far as it goes" or one.trust.word == "no"
        assert "one replicate has no error bars" in " ".join(one.trust.reasons)
        assert "--replicates 20" in " ".join(one.trust.reasons)
    print_summary(alone, tmp_path / "report.html")
    assert "No estimator can be recommended" in capsys.readouterr().out


def test_a_bound_beyond_the_grid_has_its_mark_and_both_are_explained(run):
    (found,) = [one for one in answers(run, parse_budgets("ms=40.965")) if one.level.model == MODEL]
    (line,) = [line for line in found.budgets[0].lines if line.take.endswith(" iwae")]
    assert line.k.endswith(EXTRAPOLATED)
    upper = line.interval.rstrip(")").split()[-1]
    assert line.rmse == f"≤ {upper}"
    meanings = marks([found])
    assert "no more than 64 times the last K" in meanings[EXTRAPOLATED]
    assert "for sure" in meanings["≤"]


def test_a_machine_too_busy_to_say_is_told_on_the_page(run):
    """The rounds of all cells differ by a factor of 13: no K, no error, but what to do."""
    cells = [one for one in stored_cells() if one.cell.model == MODEL]
    for i, one in enumerate(cells):
        rounds = one.timing["seconds"] * np.roll([0.5, 0.9, 1.0, 1.1, 6.5], i % 3) * 2.0 ** (i * 7 % 5 - 2)
        one.timing.update(rounds=rounds.tolist(), seconds=float(np.median(rounds)))
    busy = replace(run, curves=tuple(curves_of(cells)))
    (found,) = [one for one in answers(busy, parse_budgets("ms=.02")) if one.level.model == MODEL]
    assert found.trust.word == "with care"
    assert not found.budgets[0].lines
    assert "the timing does not allow a statement: repeat on a quiet machine" in found.budgets[0].why
    assert "the timing does not allow a statement" in to_html(busy, parse_budgets("ms=.02"))


def test_what_was_looked_at_is_told(run):
    """A look that was left out asks for care; what it noticed is said."""
    left_out = {MODEL: "left out by --no-check", "digits-vae": {"findings": [], "notes": ["It is slow."]}}
    looked = replace(run, provenance={**run.provenance, "looks": left_out})
    found = {one.level.model: one.trust for one in answers(looked)}
    assert found[MODEL].word == "with care"
    assert "left out by --no-check" in " ".join(found[MODEL].reasons)
    assert "It is slow" in found["digits-vae"].reasons


def test_a_level_has_both_its_errors_or_says_what_it_is(tmp_path):
    frame = results_frame((16, 64))
    here = frame["model"] == MODEL
    frame.loc[here, ["reference_stderr_points", "reference_stderr"]] = 0.4, 0.01
    unknown = frame["model"] == "digits-vae"
    frame.loc[unknown, ["reference", "reference_stderr"]] = np.nan
    frame.loc[unknown, ["log_evidence_stderr_points", "log_evidence_stderr"]] = 0.5, 0.02
    found = levels(read_run(write_run(tmp_path / "run", results=frame)))
    assert "± 0.40" in found[MODEL].text
    assert "95% Student t" in found[MODEL].over_points
    assert "± 0.010 for these points" in found[MODEL].of_itself
    assert not found["digits-vae"].known
    assert "no truth is known; estimated by" in found["digits-vae"].source
    assert "lower bound in expectation" in found["digits-vae"].source
