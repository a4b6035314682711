"""Numbers as people write them, and one sentence for what is wrong with a command line."""

import argparse

import pytest

from evidence_bench.benchmarks import check, compare, speed
from evidence_bench.benchmarks.command import arguments
from evidence_bench.benchmarks.recommendations.budget import parse_budgets
from evidence_bench.benchmarks.run import main as run
from evidence_bench.models import train, zoo
from evidence_bench.models.errors import BadOption
from evidence_bench.reports.__main__ import main as reports


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("1_000", 1000),
        ("1e3", 1000),
        ("1E9", 10**9),
        ("1.5e3", 1500),
        ("2.0", 2),
        ("9" * 18, 10**18 - 1),
    ],
)
def test_whole_numbers_however_they_are_written(text, value):
    assert arguments.count(text) == value


@pytest.mark.parametrize("text", ["0", "-3", "x", "", "1.5", "1e-3", "nan", "inf", "1.55e1"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number of at least 1"):
        arguments.count(text)


@pytest.mark.parametrize("text", ["1" + "0" * 18, "1e18", "1e999999", "1e999999999999999999999"])
def test_numbers_without_bound_are_refused_at_once(text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"more than 18 digits|not a whole number"):
        arguments.count(text)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (run, "evidence-bench"),
        (speed.main, "python -m benchmarks.speed"),
        (compare.main, "python -m benchmarks.compare"),
        (check.main, "python -m benchmarks.check"),
        (reports, "python -m reports"),
        (train.main, "python -m models.train"),
        (zoo.main, "python -m models.zoo"),
    ],
)
def test_every_command_answers_in_one_line(command, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        command(["a", "b", "--nonsense", "--out", "c"])
    (sentence,) = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert sentence.startswith(f"{name}: error: ")
    assert sentence.endswith("; --help lists all options.")


def test_a_value_that_is_none_needs_no_list_of_options(capsys):
    with pytest.raises(SystemExit):
        run(["--points", "1.5"])
    said = "evidence-bench: error: argument --points: '1.5' is not a whole number of at least 1.\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "text", ["evaluations=1e99", "evaluations=0.5", "ms=1e-9", "seconds=1e99", "ms=1e300"]
)
def test_a_budget_beyond_all_that_is_measured_is_refused_by_its_bounds(text):
    with pytest.raises(
        BadOption, match=r"between (1|0\.000001|0\.000000001) and [0-9,]+ [a-z]+; write for example"
    ):
        parse_budgets(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("seconds=1e-9", "0.001 µs"),
        ("ms=0.5", "500 µs"),
        ("seconds=1e6", "1,000,000 s"),
        ("evaluations=1e12", "1,000,000,000,000 evaluations"),
        ("evaluations=1", "1 evaluation"),
    ],
)
def test_a_budget_is_shown_without_powers_of_ten(text, shown):
    assert parse_budgets(text)[0].short == shown
