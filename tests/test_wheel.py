"""The wheel holds all that a run needs: packages, checkpoints, templates."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUN = [
    "--models",
    "digits-vae",
    "--estimators",
    "iwae",
    "--samples",
    "4",
    "--points",
    "2",
    "--replicates",
    "3",
]


def done(*command, cwd, **environment):
    words = [str(part) for part in command]
    result = subprocess.run(
        words, cwd=cwd, env=environment or None, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.wheel
def test_an_installed_wheel_measures_and_reports(tmp_path):
    pip, source = (sys.executable, "-m", "pip"), tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "runs", "*.egg-info"))
    done(*pip, "wheel", "--quiet", "--no-deps", "-w", tmp_path / "wheel", source, cwd=tmp_path)
    (wheel,) = (tmp_path / "wheel").glob("evidence_bench-*.whl")
    site = tmp_path / "site"
    done(*pip, "install", "--quiet", "--no-deps", "--target", site, wheel, cwd=tmp_path)
    found = done(
        sys.executable,
        "-c",
        "import evidence_bench.models as m; print(m.__file__)",
        cwd=tmp_path,
        PYTHONPATH=site,
    )
    assert Path(found.strip()).is_relative_to(site)
    run = (sys.executable, "-m", "evidence_bench", *RUN, "--output", tmp_path / "run")
    done(*run, cwd=tmp_path, PYTHONPATH=site)
    assert "digits-vae" in (tmp_path / "run" / "report.html").read_text()
    assert "checkpoint_sha256" in (tmp_path / "run" / "provenance.json").read_text()
    listed = done(site / "bin" / "evidence-bench", "--list", cwd=tmp_path, PYTHONPATH=site)
    assert "digits-vae" in listed
