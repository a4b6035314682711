"""Points whose reference is in doubt, from the estimate to the row and the words about it."""

from __future__ import annotations

import numpy as np
import pytest

from evidence_bench.benchmarks.record.flags import words_of
from evidence_bench.benchmarks.references import LongRun, cache, reference_of
from evidence_bench.benchmarks.references.prior_draws import PriorDraws
from evidence_bench.benchmarks.run import main
from tests.bench.reading import results
from tests.references.shapes import SHAPES, Shaped, normal


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))


def test_weights_without_a_variance_leave_a_reference_in_doubt():
    """k-hat of a banana's weights is .8 or so at each point, and those of a Gaussian's have every moment."""
    bent, round_ = SHAPES["banana, 6"], SHAPES["gaussian, 6"]
    reference = reference_of(bent, bent.data(6), "adaptive")
    assert reference.doubtful.all()
    assert "k-hat above 0.5 at 6 of 6 points" in reference.how
    assert not reference_of(round_, round_.data(6), "adaptive").doubtful.any()


def gaussian(latents, narrower):
    """A posterior so many times narrower than its proposal."""
    return Shaped(lambda z: normal(z, 0.0, 1 / narrower), latents)


@pytest.mark.parametrize(("latents", "narrower"), [(2, 5), (6, 2), (10, 2)])
def test_a_narrow_posterior_that_was_fitted_is_in_no_doubt(latents, narrower):
    """Early rounds have fits of few draws, whose heavy tail hardly counts; k-hat of all is 1.5."""
    model = gaussian(latents, narrower)
    assert not reference_of(model, model.data(6)).doubtful.any()


def test_one_that_a_few_weights_decide_is_in_doubt():
    """Ten times narrower in 6 dimensions: intervals hold the truth in 78%, though the last round fits."""
    model = gaussian(6, 10)
    estimates, khat = LongRun().estimate(model, model.data(6))
    assert (khat < 0.3).all()
    assert estimates.doubtful.all()


def test_another_way_that_agrees_lifts_the_doubt():
    model = SHAPES["banana, 6"]
    assert not reference_of(model, model.data(6), "combined").doubtful.any()


def test_weights_that_are_all_equal_are_exact_and_said_so():
    """The likelihood of draws from the prior is one number, and the proposal is the posterior."""
    model = Shaped(lambda z: normal(z, 0.0, 3.0), 2, sd=3.0)
    opinion, khat = PriorDraws().estimate(model, model.data(3))
    assert opinion.value == pytest.approx(model.data(3)[:, 0].numpy())
    assert not np.isnan(khat).any()
    assert "nan" not in reference_of(model, model.data(3)).how


PLUGIN = """
from tests.references.shapes import Shaped, banana

class Bent(Shaped):
    def __init__(self):
        super().__init__(banana, 6)

def register(bench):
    bench.add_model("bent", Bent)
"""


def test_doubts_reach_the_row_and_its_words(tmp_path):
    plugin = tmp_path / "mine.py"
    plugin.write_text(PLUGIN)
    arguments = ["--models", "bent", "--estimators", "iwae", "--samples", "16", "--replicates", "20"]
    arguments += ["--points", "3", "--plugin", str(plugin), "--output", str(tmp_path / "run")]
    assert main(arguments) == 0
    (row,) = results(tmp_path / "run").to_dict("records")
    assert row["reference_doubtful"] == 1.0
    assert "reference in doubt (100% of the points)" in words_of(row)
