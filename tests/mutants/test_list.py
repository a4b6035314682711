"""The list of mutants is up to date: every text stands once in its file, every test is there."""

from collections import Counter

import pytest

from tests.mutants.__main__ import main
from tests.mutants.mutant import ROOT, BadMutant, Mutant
from tests.mutants.planted import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_every_mutant_can_be_planted(mutant):
    text = (ROOT / mutant.path).read_text(encoding="utf-8")
    assert mutant.applied_to(text) != text
    for test in mutant.tests:
        file, _, name = test.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name.split('[')[0]}(" in source, test


def test_there_are_at_least_sixty_and_no_two_are_the_same():
    assert sum(not mutant.equivalent for mutant in MUTANTS) >= 60
    (_, most), *_ = Counter((mutant.path, mutant.old, mutant.new) for mutant in MUTANTS).most_common(1)
    assert most == 1


def test_a_text_that_is_not_unique_is_refused():
    with pytest.raises(BadMutant, match="2 times"):
        Mutant("a.py", "x", "y", ()).applied_to("x = x")


def test_words_that_no_mutant_has_get_a_sentence_and_run_no_test(capsys):
    assert main(["no-such-word", "nor-this"]) == 2
    assert "holds no-such-word or nor-this; give part of a path" in capsys.readouterr().err
