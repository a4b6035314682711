"""On paper and beside an edge: options stay whole, nothing dead is printed, nothing empty is listed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from evidence_bench.reports.about import facts
from evidence_bench.reports.page import whole_options
from evidence_bench.reports.render import render_report
from tests.reports.synthetic import write_run

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
PDFTOTEXT = shutil.which("pdftotext")


def test_an_option_is_one_piece_and_the_rest_is_escaped():
    said = whole_options("<b>: raise --samples, not a--b or --no-check.")
    assert said == (
        '&lt;b&gt;: raise <span class="option">--samples</span>, not a--b or '
        '<span class="option">--no-check</span>.'
    )


def test_what_is_empty_is_no_fact():
    told = {
        "plugins": [],
        "looks": {"a": {"findings": [], "seconds": 0}},
        "commit": None,
        "dirty": False,
        "omp": {},
    }
    assert facts(told) == [("looks a seconds", "0"), ("dirty", "no")]


def test_every_option_in_the_sentences_of_a_page_is_one_piece(page):
    text = re.sub(r"<(code|style|pre)\b.*?</\1>", "", page, flags=re.S)
    assert '<span class="option">--' in text
    assert "--" not in re.sub(r'<span class="option">.*?</span>|<[^>]*>', "", text)


@pytest.mark.skipif(not (BROWSER and PDFTOTEXT), reason="needs chromium and pdftotext")
def test_paper_has_the_verdicts_and_no_links_to_nothing(tmp_path):
    page = render_report(write_run(tmp_path / "run"))
    sheet = tmp_path / "page.pdf"
    quiet = {"capture_output": True, "check": True, "timeout": 120}
    flags = [
        "--headless",
        "--no-sandbox",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--no-pdf-header-footer",
    ]
    subprocess.run([str(BROWSER), *flags, f"--print-to-pdf={sheet}", page.as_uri()], **quiet)
    text = subprocess.run([str(PDFTOTEXT), "-layout", sheet, "-"], **quiet).stdout.decode()
    assert "The numbers behind this figure" not in text
    assert "What every column of" not in text
    verdicts = text[text.index("Verdict at every K") :]
    assert re.search(r"model\s+estimator\s+at K", verdicts)
