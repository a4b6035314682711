"""Where the files of a data set are: in a local copy that is pointed at, or in the cache."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from evidence_bench.models.data import download
from evidence_bench.models.data.facts import FileFacts
from evidence_bench.models.data.files import Content, Form, Part
from evidence_bench.models.errors import BadData, MissingData
from evidence_bench.models.files import expanded

ENVIRONMENT = "EVIDENCE_BENCH_DATA"


@dataclass(frozen=True)
class Place:
    """Where to look: ``root``, a local copy; or, where that is None, the cache, and then the network.

    ``dataset`` is what the files belong to; ``folders`` are where below the root they may be, most
    telling first, because MNIST and Fashion-MNIST give their files the same names; ``parts`` are all files
    it has, so that a sentence can name them all at once.
    """

    root: Path | None
    dataset: str
    folders: tuple[str, ...]
    parts: tuple[Part, ...]

    def get(self, part: Part) -> tuple[Content, FileFacts]:
        """The verified content of a file; MissingData where there is none, BadData where it is amiss."""
        if self.root is not None:
            form, path = find(part, self.root, self.folders) or self._not_there(part, self.root)
            return part.read(form, path)
        folder = download.cache_folder(self.wanted()) / self.dataset
        found = find(part, folder, ("",))
        if found is None:
            return self._downloaded(part, folder)
        return part.read(*found)

    def wanted(self) -> str:
        """A sentence that says which files to put where."""
        return (
            f"To do without, make a folder with a folder '{self.folders[0]}' in it, put there "
            f"{self._listed()}, "
            f"and name the outer one in {ENVIRONMENT} or --data-dir."
        )

    def _listed(self) -> str:
        return ", ".join(f"the {part.what} ({part.shown})" for part in self.parts) + ", plain or as .gz"

    def _not_there(self, part: Part, root: Path) -> NoReturn:
        if not root.is_dir():
            raise MissingData(f"'{root}' is no folder; name one with data in {ENVIRONMENT} or --data-dir.")
        have = ", ".join(f"'{root / folder}'" for folder in self.folders)
        remedy = "; or name no folder, and they are downloaded" if _urls(part) else ""
        raise MissingData(
            f"{self.dataset}: the {part.what} are not in '{root}'. Needed are {self._listed()}, in one of "
            f"{have}{remedy}."
        )

    def _downloaded(self, part: Part, folder: Path) -> tuple[Content, FileFacts]:
        failures = []
        for form, url in _urls(part):
            try:
                path = download.retrieve(url, folder)
                return _kept_if_good(part, form, path)
            except (MissingData, BadData) as error:
                failures.append(str(error))
        if not failures:
            raise MissingData(f"{self.dataset}: the {part.what} cannot be downloaded. {self.wanted()}")
        raise MissingData(f"{' '.join(failures)} {self.wanted()}")


def local_root(data_dir: str | Path | None) -> Path | None:
    """The folder that was named, by argument or else by the environment variable; None: the cache."""
    named = data_dir or os.environ.get(ENVIRONMENT)
    return expanded(named) if named else None


def find(part: Part, root: Path, folders: Sequence[str]) -> tuple[Form, Path] | None:
    """The first file below ``root`` that has one of the part's names, with or without .gz."""
    for folder in folders:
        for form in part.forms:
            for name in form.names:
                for path in (root / folder / name, root / folder / f"{name}.gz"):
                    if path.is_file():
                        return form, path
    return None


def _urls(part: Part) -> list[tuple[Form, str]]:
    return [(form, url) for form in part.forms for url in form.urls]


def _kept_if_good(part: Part, form: Form, path: Path) -> tuple[Content, FileFacts]:
    try:
        return part.read(form, path)
    except BadData:
        path.unlink()
        raise
