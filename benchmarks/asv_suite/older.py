"""Commits from before the one import name: there ``evidence_bench.models`` is ``models``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

NEW = "evidence_bench"


class OldNames:
    """Answers an import of the new name by the module of the old one, which is not loaded twice."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec of the new name."""
        if name.partition(".")[0] != NEW:
            return None
        return ModuleSpec(name, OldNames(), is_package=True)  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """The usual one, which is then replaced."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """The module of the old name in place of this one."""
        if module.__name__ != NEW:
            sys.modules[module.__name__] = importlib.import_module(module.__name__.partition(".")[2])


def bridge() -> None:
    """Make the new name work where the measured commit has the old ones alone."""
    if find_spec(NEW) is None:
        sys.meta_path.insert(0, OldNames)  # before what would find the files a second time
