"""One synthetic run and its report for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_bench.reports.render import render_report
from tests.reports.synthetic import write_run


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three models, five estimators and eleven K."""
    return write_run(tmp_path_factory.mktemp("runs") / "full")


@pytest.fixture(scope="session")
def page(run_folder: Path) -> str:
    """Its report."""
    return render_report(run_folder).read_text(encoding="utf-8")
