"""A copy of the project in which a mistake can be planted and tests be run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutants.mutant import ROOT, Mutant

FOLDERS = ("evidence_bench", "models", "estimators", "benchmarks", "reports", "tests")
FILES = ("pyproject.toml", "asv.conf.json", "README.md")
SECONDS = 300  # of the tests of one mutant: a mistake may never end
_PASSED, _FAILED = 0, 1  # exit statuses of pytest


class Fate(StrEnum):
    """What the tests made of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    ENDLESS = "killed by time"
    BROKEN = "tests could not run"


@dataclass(frozen=True)
class Workshop:
    """A copy of the project below ``root``."""

    root: Path

    @staticmethod
    def copied_to(root: Path) -> Workshop:
        """A fresh copy."""
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for file in FILES:
            shutil.copy(ROOT / file, root / file)
        return Workshop(root)

    def fate_of(self, mutant: Mutant) -> tuple[Fate, str]:
        """Plant it, run its tests, take it out again; the fate and the end of what the tests printed."""
        mutant.plant(self.root)
        try:
            status, said = self.tested(mutant.tests)
        except subprocess.TimeoutExpired:
            return Fate.ENDLESS, f"no end within {SECONDS} s"
        finally:
            mutant.remove(self.root)
        return {_PASSED: Fate.SURVIVED, _FAILED: Fate.KILLED}.get(status, Fate.BROKEN), said

    def tested(self, tests: tuple[str, ...]) -> tuple[int, str]:
        """pytest's exit status, up to the first failure, and the last lines of what it printed.

        Slow tests are left out; one thread, because workshops stand side by side.
        """
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-rf", "-p", "no:cacheprovider"]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [*command, *tests],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        return done.returncode, "\n".join(done.stdout.splitlines()[-15:])
