"""The table on stdout: names and numbers are whole wherever they can be."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from evidence_bench.reports.terminal.table import largest_k
from tests.reports.synthetic import results_frame


def lines_of(names: dict[str, str], width: int) -> list[str]:
    """The table of one model with its estimators renamed, at so many columns."""
    frame = results_frame((4, 16)).query("model == 'digits-vae'")
    frame["estimator"] = frame["estimator"].map(lambda name: names.get(name, name))
    console = Console(width=width, record=True, file=io.StringIO(), markup=False, highlight=False)
    console.print(largest_k(frame, width))
    return console.export_text().splitlines()


@pytest.mark.parametrize("width", [80, 90, 100, 120, 140, 160])
def test_no_word_is_cut_and_no_line_is_too_long(width):
    names = {"iwae": "median-of-many-means", "jvi": "jackknife-of-means[order=2]"}
    lines = lines_of(names, width)
    text = "\n".join(lines)
    assert all(len(line) <= width for line in lines)
    assert "median-of-many-means " in text
    assert "jackknife-of-means" in text
    assert "[order=2] " in text


def test_numbers_stay_whole_where_names_leave_no_room():
    wide, narrow = (lines_of({"iwae": name}, 80) for name in ("iwae", "a" * 60))
    numbers = [set(re.findall(r"\S+ ± \S+", "\n".join(lines))) for lines in (wide, narrow)]
    assert numbers[0] == numbers[1] != set()
