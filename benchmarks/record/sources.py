"""The code that decides the numbers of a run, by the hash of every file: ours, and that of each plug-in.

A run that is resumed must go on with the code that it began with, or measure again what other code measured.
The files themselves are hashed, so that neither git nor a checkout is needed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evidence_bench.models.door import checked, read_json

FILE = "code.json"
ROOT = Path(__file__).resolve().parents[2]
# What decides a raw number: two packages, and what of ours these modules of the third import. What is derived
# from cells, or shown, is made anew each time.
_PACKAGES = ("models", "estimators")
_MEASURING = (
    "measuring.measurement",
    "measuring.subject",
    "measuring.timing",
    "measuring.latent_units",
    "study.plugins",
)
_IMPORT = re.compile(rb"^\s*from (?:\w+\.)?benchmarks\.([\w.]+) import", re.MULTILINE)
_NAMED = 3  # files in a sentence

Hashes = Mapping[str, str]  # sha256 by path


@dataclass(frozen=True)
class Sources:
    """``project``: our files by their path below the root. ``plugins``: each with all that it imported."""

    project: dict[str, str] = field(default_factory=dict)
    plugins: dict[str, dict[str, str]] = field(default_factory=dict)

    @staticmethod
    def now(plugins: Mapping[str, Hashes]) -> Sources:
        """Those of this process."""
        return Sources(project_files(), {path: dict(files) for path, files in plugins.items()})

    @staticmethod
    def of(folder: Path) -> Sources:
        """Those that a run was measured with as far as its folder tells."""
        if not (folder / FILE).exists():
            return Sources()
        remedy = "restore it, or choose another --output"
        return checked(read_json(folder / FILE, remedy), Sources, folder / FILE, remedy)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    def digest(self, plugins: Iterable[str]) -> str:
        """A hash of our code and of these plug-ins, which are told apart by content and not by place."""
        own = sorted(digest_of(self.plugins[path]) for path in plugins)
        return hashlib.sha256(json.dumps([digest_of(self.project), own]).encode()).hexdigest()[:16]

    def plugin_changed(self, path: str) -> bool:
        """Whether it, or anything that it imported, is not there any more as it was."""
        return bool(_changed(self.plugins[path]))

    def changed(self, now: Sources) -> list[str]:
        """Files of these sources that are not there any more as they were; the plug-in's first."""
        mine = [path for files in self.plugins.values() for path in _changed(files)]
        ours = [path for path, sha256 in self.project.items() if now.project.get(path) != sha256]
        new = [path for path in now.project if self.project and path not in self.project]
        return list(dict.fromkeys([*mine, *ours, *new]))


def project_files() -> dict[str, str]:
    """sha256 of each of our files that decide a number."""
    paths = [path for package in _PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): file_hash(path) for path in sorted([*paths, *_measuring()])}


def _measuring() -> set[Path]:
    """The modules of the bench that measure, and all modules of the bench that these import."""
    found: set[Path] = set()
    names = list(_MEASURING)
    while names:
        place = (ROOT / "benchmarks").joinpath(*names.pop().split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if path not in found and path.is_file():
            found.add(path)
            names += [name.decode() for name in _IMPORT.findall(path.read_bytes())]
    return found


def file_hash(path: Path) -> str:
    """sha256 of a file; empty where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def digest_of(files: Hashes) -> str:
    """A hash of the contents, whatever the names and places."""
    return hashlib.sha256("\n".join(sorted(files.values())).encode()).hexdigest()


def listed(paths: list[str]) -> str:
    """'a, b, c and 4 more'."""
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def _changed(files: Hashes) -> list[str]:
    return [path for path, sha256 in files.items() if file_hash(Path(path)) != sha256]
