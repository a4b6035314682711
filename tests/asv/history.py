"""A repository of its own for asv: this tree in one commit, and others on top of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHO = ("AUTHOR", "COMMITTER")
SETTING = {"OMP_NUM_THREADS": "1"}  # two threads wait for each other wherever anything else runs


def asv_command() -> str | None:
    """asv of this environment."""
    return shutil.which("asv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


@dataclass(frozen=True)
class History:
    """Commits by hash; the code of each lies in a folder of its own, so that no switching is needed."""

    folder: Path

    @staticmethod
    def start(folder: Path) -> History:
        """Copy what git knows of this tree and what is new in it, and commit that."""
        listed = _run(["git", "ls-files", "-co", "--exclude-standard", "-z"], ROOT, os.environ)
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / "repo" / name)
        history = History(folder)
        history.git("init", "--quiet", "--initial-branch", "main")
        history.asv("machine", "--yes")
        return history

    def commit(self, message: str) -> str:
        """The hash of a commit of what is in the folder now, changed or not."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", message)
        made = self.git("rev-parse", "HEAD").strip()
        self.git("worktree", "add", "--quiet", "--detach", str(self.folder / made), made)
        return made

    def measure(self, commit: str, benchmark: str) -> list[float]:
        """Seconds of one more process of the benchmark (an expression) in the code of the commit."""
        known = len(self._samples(commit))
        self.asv(
            "run", "--environment", f"existing:{sys.executable}", "--set-commit-hash", commit,
            "--append-samples", "--attribute", "rounds=1", "--bench", benchmark, code=self.folder / commit,
        )  # fmt: skip
        return self._samples(commit)[known:]

    def _samples(self, commit: str) -> list[float]:
        """All seconds that asv has of the one benchmark and combination that was run."""
        for path in (self.folder / "repo" / ".asv" / "results").glob(f"*/{commit[:8]}-*.json"):
            stored = json.loads(path.read_text())
            ((_, values),) = stored["results"].items()
            return next(s for s in values[stored["result_columns"].index("samples")] if s)
        return []

    def slower(self, before: str, after: str, factor: float) -> list[str]:
        """The lines of ``asv compare`` that are marked as slower."""
        said = self.asv("compare", before, after, "--factor", str(factor))
        return [line for line in said.splitlines() if re.match(r"\|\s*\+", line)]

    def git(self, *words: str) -> str:
        return _run(["git", *words], self.folder / "repo", self._environment(self.folder / "repo"))

    def asv(self, *words: str, code: Path | None = None) -> str:
        repo = self.folder / "repo"
        command = asv_command()
        assert command is not None
        return _run([command, *words], repo, self._environment(code or repo))

    def _environment(self, code: Path) -> dict[str, str]:
        """asv keeps what it knows of the machine in the home folder; imports come from the commit's code."""
        names = {f"GIT_{who}_{what}": "test@localhost" for who in WHO for what in ("NAME", "EMAIL")}
        return {**os.environ, **names, **SETTING, "HOME": str(self.folder), "ASV_PYTHONPATH": str(code)}


def _run(words: list[str], cwd: Path, environment: os._Environ[str] | dict[str, str]) -> str:
    done = subprocess.run(words, cwd=cwd, env=dict(environment), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
