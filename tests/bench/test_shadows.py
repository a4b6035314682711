"""Folders that are named like our packages do not come before them."""

import subprocess
import sys

import pytest

from tests.bench.test_cli import ROOT

# An editable install finds packages after everything on the path: a mere folder there comes first.
INSTALLED = """
import importlib.util, sys
from pathlib import Path
root = Path(sys.argv.pop(1))
sys.path[:] = ["", *(path for path in sys.path[1:] if Path(path or ".").resolve() != root)]
class Installed:
    @staticmethod
    def find_spec(name, path=None, target=None):
        file = root / name / "__init__.py"
        return importlib.util.spec_from_file_location(name, file) if file.exists() else None
sys.meta_path[:] = [finder for finder in sys.meta_path if "ditable" not in repr(finder)]
sys.meta_path.append(Installed)
from benchmarks.run import main
sys.exit(main(sys.argv[1:]))
"""
TINY = ("--models", "lognormal", "--estimators", "iwae", "--samples", "2", "--replicates", "3")


@pytest.mark.parametrize("there", [(), ("reports", "estimators", "models")])
def test_an_output_below_a_folder_named_reports_gets_its_report(tmp_path, there):
    for name in there:
        (tmp_path / name).mkdir()
    words = [sys.executable, "-c", INSTALLED, str(ROOT), *TINY, "--points", "2", "--output", "reports/first"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "reports" / "first" / "report.html").exists()
