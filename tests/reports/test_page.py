"""The page is one file: it fetches nothing, is well formed, works in both colour schemes, never varies."""

from __future__ import annotations

import html.parser
import re
from pathlib import Path

import pandas as pd
import pytest

from evidence_bench.benchmarks.record.schema import COLUMNS, SLOPE_COLUMNS
from evidence_bench.reports.figures.drawing import KINDS
from evidence_bench.reports.render import render_report
from tests.reports.synthetic import C2, ORDERS, config, results_frame, write_run

VOID = {"meta", "link", "br", "img", "input", "hr"}
HOSTILE = "<script>alert('x')</script>&\"$"


class Reader(html.parser.HTMLParser):
    """Collects every attribute, the ids, and tags that are opened and closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_nothing_is_fetched(page):
    reader = read(page)
    fetching = [
        v for _, name, v in reader.attributes if name in ("src", "href", "srcset", "action", "poster")
    ]
    assert len(fetching) > 20
    assert {value[:1] for value in fetching if not value.startswith("data:")} == {"#"}
    assert not re.search(r"url\(\s*(?!#)|@import|@font-face", page)
    assert not {"script", "iframe", "img", "object", "embed"} & set(reader.tags)
    outside = [v for _, name, v in reader.attributes if "://" in v and not name.startswith("xmlns")]
    assert outside == []


def test_tags_close_in_turn_and_ids_are_unique(page):
    reader = read(page)
    assert reader.wrong == []
    assert reader.open == []
    ids = [value for _, name, value in reader.attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    wanted = {
        v[1:] for _, name, v in reader.attributes if name in ("href", "xlink:href") and v.startswith("#")
    }
    wanted |= set(re.findall(r"url\(#([^)]+)\)", page))
    wanted |= {part for _, name, v in reader.attributes if name == "aria-labelledby" for part in v.split()}
    assert wanted <= set(ids)


def test_every_colour_of_a_figure_is_a_variable_that_both_schemes_define(page):
    figures = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert not re.search(r"(?:fill|stroke|color)[:=]\s*\"?#[0-9a-f]{3,6}", figures)
    light, dark = page.split("@media (prefers-color-scheme: dark)", 1)
    for name in set(re.findall(r"var\(--([\w-]+)\)", page)) - {"own", "sans", "mono"}:
        assert f"--{name}:" in light + page, name
        assert f"--{name}:" in dark, name


def test_figures_carry_the_font_of_the_page(page):
    figures = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert "<text" in figures
    assert "DejaVu" not in page
    assert "font-family" not in figures


def test_same_run_gives_the_same_bytes(run_folder, page, tmp_path):
    again = render_report(run_folder, tmp_path / "again.html")
    assert again.read_text(encoding="utf-8") == page
    assert [path.name for path in tmp_path.iterdir()] == ["again.html"]


def test_every_column_is_explained_and_offered_as_csv(page):
    for name in [*COLUMNS, *SLOPE_COLUMNS]:
        assert f"<code>{name}</code>" in page
    link = re.search(r'download="results.csv" href="data:text/csv;charset=utf-8,([^"]+)"', page)
    assert link is not None
    assert link[1].startswith(",".join(COLUMNS) + "%0A")


def test_every_axis_of_every_panel_has_a_label_with_its_unit(page):
    panels = re.findall(r'<svg viewBox="0 0 \d+ \d+" role="img".*?</svg>', page, flags=re.DOTALL)
    assert len(panels) == len(KINDS) * len(C2)
    for panel in panels:
        labels = re.findall(r"<text[^>]*>([^<]*\([^<]+\))</text>", panel)
        assert len(labels) == 2, labels
        assert "<title" in panel
        assert "<desc" in panel


@pytest.mark.parametrize("field", ["model", "estimator"])
def test_a_hostile_name_stays_text(tmp_path, field):
    frame = results_frame((1, 2, 4))
    frame[field] = frame[field].replace({"linear-gaussian": HOSTILE, "iwae": HOSTILE})
    asked = config((1, 2, 4)) | {"study": HOSTILE}
    page = render_report(write_run(tmp_path / "run", results=frame, config=asked)).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert read(page).wrong == []


def test_more_estimators_than_colours_all_look_different(tmp_path):
    one = results_frame((1, 2, 4)).query("model == 'digits-vae' and estimator == 'iwae'")
    names = [f"plugin-{i}" for i in range(12)]
    frame = pd.concat([one.assign(estimator=name) for name in names])
    page = render_report(write_run(tmp_path / "run", results=frame)).read_text(encoding="utf-8")
    legend = re.search(r'<ul class="legend".*?</ul>', page, flags=re.DOTALL)
    assert legend is not None
    swatches = re.findall(r"<svg.*?</svg>", legend[0])
    assert len(set(swatches)) == len(names)


def test_what_each_estimator_is_and_the_command_are_told(page):
    for name in ORDERS:
        assert f'<th class="words" scope="row">{name}</th>' in page
    assert "O(K⁻³)" in page
    assert "python -m benchmarks.run --estimators" in page
    assert "quadrature on a grid" in page


def test_the_report_replaces_the_old_one_whole(tmp_path: Path):
    folder = write_run(tmp_path / "run", samples=(1, 2))
    (folder / "report.html").write_text("old", encoding="utf-8")
    assert render_report(folder) == folder / "report.html"
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
