"""What failed a cell is said with whose code it is and what to do."""

import torch

from evidence_bench.benchmarks.measuring.failure import Failure
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.estimators.reducers import Mean
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.errors import BadOption

CELL = Cell("a", "b", 1)
YOURS = "that is your own code: correct it there (status.json has the traceback)."
OURS = "that is code of this program: please report it with the traceback in status.json."


def reason_of(work):
    try:
        work()
    except Exception as error:
        return Failure.of(CELL, error).reason
    raise AssertionError("nothing went wrong")


def test_code_that_is_not_ours_is_its_authors():
    said = reason_of(lambda: {}["foo"])
    assert said.startswith("KeyError: 'foo' (test_failure.py, line ")
    assert said.endswith(f"); {YOURS}")


def test_so_is_what_it_hands_to_ours_or_to_a_library():
    """The error is raised below: by a density of ours, by torch."""
    gaussian = DiagonalGaussian(torch.zeros(2, 3), torch.zeros(2, 3))
    for work in (lambda: gaussian.log_prob(torch.zeros(2, 1, 4)), lambda: torch.zeros(2) @ torch.zeros(3)):
        said = reason_of(work)
        assert "(test_failure.py, line " in said
        assert said.endswith(YOURS)


def test_code_of_ours_alone_is_to_be_reported():
    try:
        Mean()("no tensor")
    except Exception as error:
        below = error.with_traceback(error.__traceback__.tb_next)
        said = Failure.of(CELL, below).reason
    assert "(weights.py, line " in said
    assert said.endswith(OURS)


def test_a_sentence_of_ours_stands_alone():
    def work():
        raise BadOption("It cannot be; do that.")

    assert reason_of(work) == "It cannot be; do that."
