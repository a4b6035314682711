"""Points whose reference is in doubt, from the estimate to the row and the words about it."""

from __future__ import annotations

import pytest

from benchmarks.flags import words_of
from benchmarks.references import cache, reference_of
from benchmarks.run import main
from tests.bench.reading import results
from tests.references.shapes import SHAPES


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
