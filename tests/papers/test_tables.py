"""The papers' tables from numbers made for them: figures, differences, directions, pairs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evidence_bench.benchmarks.papers import activity, nowozin, paired, table1, table2
from evidence_bench.benchmarks.papers.published import NOWOZIN, TABLE_1, TABLE_2
from evidence_bench.benchmarks.papers.sheet import Column, Sheet, Value
from evidence_bench.benchmarks.papers.trained import TrainedAs
from tests.papers.synthetic import column, measured, stage, stored, trained

ONE = trained(stage("elbo", 1, 120), stage("elbo", 1, 80))
TWO = trained(stage("elbo", 1, 120), stage("elbo", 1, 80), layers=2)
SWITCHED = trained(stage("elbo", 1, 120), stage("elbo", 1, 80), stage("iwae", 50, 50))


def test_stages_of_one_objective_are_one_phase():
    assert [(p.objective, p.k, p.passes) for p in ONE.phases] == [("elbo", 1, 200)]
    assert SWITCHED.words() == "200 passes of elbo k=1, then 50 of iwae k=50"
    assert SWITCHED.passes == 250
    assert "started from elbo k=1" in SWITCHED.why_different()
    assert "started" not in ONE.why_different()


def test_table_1_has_minus_the_mean_with_its_error_beside_the_published_figure():
    values = [-90.0, -80.0, -94.0, -88.0]
    run = measured([stored("m", "iwae", 5000, values)], {"m": ONE}, {"m": [[0.5, 0.02, 0.001]]})
    sheet = table1.sheets(run)[0]
    (nll,) = column(sheet, "NLL")
    assert nll.value == pytest.approx(88.0)
    assert nll.stderr == pytest.approx(np.std(values, ddof=1) / 2)
    assert column(sheet, "paper: NLL") == [86.76]
    assert column(sheet, "NLL, here less paper")[0].value == pytest.approx(88 - 86.76)
    assert column(sheet, "active units") == ["2"]
    assert column(sheet, "active units in the paper") == ["19"]


def test_layers_are_compared_where_data_objective_k_and_passes_are_the_same():
    rng = np.random.default_rng(0)
    hard = rng.normal(-90, 20, 500)  # images differ far more than the models do
    cells = [stored("one", "iwae", 50, hard), stored("two", "iwae", 50, hard + rng.normal(1.0, 0.5, 500))]
    sheet = table1.sheets(measured(cells, {"one": ONE, "two": TWO}))[1]
    (gain,) = column(sheet, "difference of NLL")
    assert gain.value == pytest.approx(-1.0, abs=4.5 * 0.5 / np.sqrt(500))
    assert gain.stderr < 0.03  # of images as pairs; unpaired it would be 1.3
    assert column(sheet, "two better?") == ["yes"]
    fewer = trained(stage("elbo", 1, 100), layers=2)
    assert not table1.sheets(measured(cells, {"one": ONE, "two": fewer}))[1].rows
    other = trained(stage("elbo", 1, 200), layers=2, data="omniglot28")
    assert not table1.sheets(measured(cells, {"one": ONE, "two": other}))[1].rows


@pytest.mark.parametrize(("shift", "said"), [(1.5, "yes"), (-1.5, "no"), (0.0, "undecided")])
def test_table_2_says_whether_the_nll_moved_as_in_the_paper(shift, said):
    rng = np.random.default_rng(1)
    base = rng.normal(-90, 20, 400)
    noise = rng.normal(0, 0.5, 400)
    cells = [stored("a", "iwae", 9, base), stored("b", "iwae", 9, base + shift + noise - noise.mean())]
    units = {"a": [[0.5, 0.0002]], "b": [[0.5, 0.02]]}
    (sheet,) = table2.sheets(measured(cells, {"a": ONE, "b": SWITCHED}, units))
    assert column(sheet, "NLL moves as in the paper?") == [said]
    assert column(sheet, "active units too?") == ["yes"]
    assert column(sheet, "active units") == ["1 to 2"]
    assert column(sheet, "paper: change") == [-1.88]


def test_table_2_pairs_a_model_with_the_one_it_came_from_alone():
    cells = [stored(name, "iwae", 9, [-90.0, -80.0]) for name in ("a", "b")]
    unrelated = trained(stage("elbo", 1, 100))
    assert not table2.sheets(measured(cells, {"a": unrelated, "b": SWITCHED}))[0].rows
    assert not table2.sheets(measured(cells[1:], {"b": SWITCHED}))[0].rows
    stranger = trained(stage("elbo", 1, 200), stage("iwae", 50, 50), origin="c sha256 9")
    assert not table2.sheets(measured(cells, {"a": ONE, "b": stranger}))[0].rows
    by_hash = trained(stage("elbo", 1, 200), stage("iwae", 50, 50), origin="c sha256 2")
    assert len(table2.sheets(measured(cells, {"a": ONE, "b": by_hash}))[0].rows) == 1


def test_simulated_images_are_neither_paired_nor_held_against_the_paper():
    cells = [stored(name, "iwae", 9, [-90.0, -80.0]) for name in ("a", "b")]
    told = [
        trained(stage("elbo", 1, 200), split="simulated"),
        trained(stage("elbo", 1, 200), stage("iwae", 50, 50), split="simulated"),
        trained(stage("elbo", 1, 200), layers=2, split="simulated"),
    ]
    assert not table2.sheets(measured(cells, {"a": told[0], "b": told[1]}))[0].rows
    table, layers = table1.sheets(measured(cells, {"a": told[0], "b": told[2]}))
    assert column(table, "paper: NLL") == [None, None]
    assert not layers.rows


def test_pairs_are_compared_at_the_largest_k_that_both_have():
    cells = [stored("a", "iwae", k, [-90.0, -80.0 + k]) for k in (5, 9)]
    run = measured([*cells, stored("b", "iwae", 5, [-91.0, -76.0])], {"a": ONE, "b": SWITCHED})
    (change,) = column(table2.sheets(run)[0], "change")
    assert change.value == pytest.approx(1.0)


def test_a_jackknife_of_another_order_has_no_row_in_the_paper():
    assert trained(stage("jvi", 50, 3, order=2)).objective == "jvi[order=2]"
    assert trained(stage("jvi", 50, 3)).objective == "jvi"


@pytest.mark.parametrize(
    "facts", [{}, {"recipe": 3, "dataset": "x"}, {"recipe": {"earlier": [{"recipe": {}}]}}]
)
def test_facts_that_no_recipe_of_ours_made_are_no_training(facts):
    assert TrainedAs.of(facts) is None


def test_activity_has_a_row_a_layer_and_a_row_a_unit():
    layers = [[0.5, 0.001, 0.02], [0.3, 0.0001]]
    summary, units = activity.sheets(measured([], {}, {"m": layers}))
    assert column(summary, "active") == [2, 1]
    assert column(summary, "KL of all units") == pytest.approx([2 * 0.521, 2 * 0.3001])
    assert column(summary, "smallest KL of an active unit") == pytest.approx([0.04, 0.6])
    assert column(units, "unit") == [1, 3, 2, 1, 2]
    assert column(units, "active?") == ["yes", "yes", "no", "yes", "no"]


def _jvi_run(over, reference_stderr):
    """IWAE .5 below the truth, JVI above it by ``over``, 50 replicates of 20 images."""
    noise = np.random.default_rng(2).normal(0, 0.1, (50, 20))
    truth = np.linspace(-95, -80, 20)
    at = {
        "iwae": truth - 0.5 + noise,
        "jvi": truth + over + noise,
        "jvi[order=2]": truth + over + 0.1 + noise,
    }
    return measured(
        [stored("m", name, 32, values, truth, reference_stderr) for name, values in at.items()],
        {"m": trained(stage("iwae", 50, 200))},
    )


def test_gaps_are_of_the_same_weights_and_stand_beside_the_papers():
    _, gaps, _ = nowozin.sheets(_jvi_run(0.1, 0.0))
    assert [cell.value for cell in column(gaps, "gap")] == pytest.approx([0.6, 0.1])
    assert column(gaps, "paper") == [0.77, 0.27]
    assert column(gaps, "same sign?") == ["yes", "yes"]


def test_an_overshoot_is_named_where_the_reference_can_see_it():
    known, coarse = (nowozin.sheets(_jvi_run(0.1, error))[2] for error in (0.0, 1.0))
    assert column(known, "overshoots at K") == ["none", "32", "32"]
    assert column(known, "images it overshoots at K = 32") == ["0 of 20", "20 of 20", "20 of 20"]
    assert column(coarse, "images it overshoots at K = 32") == ["0 of 20"] * 3
    assert column(coarse, "overshoots at K") == ["none", "none", "none"]
    assert column(coarse, "cannot be told from log p(x) at K") == ["none", "32", "32"]
    error = column(coarse, "K = 32")[1].stderr
    assert error == pytest.approx(np.hypot(1 / np.sqrt(20), 0.1 / np.sqrt(1000)), rel=0.05)


def test_one_replicate_gives_no_verdict():
    told = {"m": trained(stage("iwae", 50, 200))}
    sheet = nowozin.sheets(measured([stored("m", "iwae", 32, [-90.0, -80.0], -95.0)], told))[2]
    assert column(sheet, "overshoots at K") == [""]
    assert column(sheet, "cannot be told from log p(x) at K") == [""]
    assert column(sheet, "images it overshoots at K = 32") == [""]


def test_the_matrix_has_the_papers_row_of_the_objective_trained_by():
    matrix = nowozin.sheets(_jvi_run(0.1, 0.0))[0]
    assert column(matrix, "paper") == [NOWOZIN["iwae"][name] for name in ("iwae", "jvi", "jvi[order=2]")]


def test_the_direction_of_one_image_is_undecided():
    assert paired.direction(paired.mean(np.array([3.0])), 1.0) == "undecided"


def test_a_sheet_is_plain_json():
    sheet = Sheet("t", (Column("a"),), ((Value(1.0, float("nan")),), (float("nan"),), ("x",), (None,)))
    told = json.loads(json.dumps(sheet.to_json(), allow_nan=False))
    assert told["rows"] == [[{"value": 1.0, "stderr": None}], [None], ["x"], [None]]


def test_published_figures_are_ordered_as_the_paper_says():
    """IWAE is never worse there than the ELBO, nor two layers than one."""
    for (data, layers, k), row in TABLE_1.items():
        assert row["iwae"].nll <= row["elbo"].nll
        if layers == 2:
            assert row["iwae"].nll < TABLE_1[data, 1, k]["iwae"].nll
        assert all(len(one.active) == layers for one in row.values())
    assert TABLE_2["elbo", 1, "iwae", 50].before == TABLE_1["mnist", 1, 1]["elbo"]
    assert TABLE_2["iwae", 50, "elbo", 1].before == TABLE_1["mnist", 1, 50]["iwae"]
