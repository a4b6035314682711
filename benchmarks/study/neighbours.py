"""The Python files beside a plug-in: what it imports is looked for there first, whenever it imports it.

An ``import`` statement asks the ``__import__`` among the builtins of the module that it stands in. Modules
from the plug-in's folder get one of their own, so that an import inside a function or a method finds the same
files as one at the top, and two plug-ins may each have a ``helper.py``. Where a neighbour has the name of a
module that is there already, both live on: the plug-in sees its own, everybody else the other.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any


class Neighbours:
    """A folder with plug-ins; ``files`` are those that were loaded from it, with the sha256 of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, str] = {}
        self._private: dict[str, ModuleType] = {}  # those whose name another module has in sys.modules
        self._has: dict[str, bool] = {}

    def load(self, path: Path, name: str) -> ModuleType:
        """The file as a module of that name."""
        loader = _Loader(name, str(path), self)
        module = importlib.util.module_from_spec(ModuleSpec(name, loader, origin=str(path)))
        vars(module)["__file__"] = str(path)
        sys.modules[name] = module
        loader.exec_module(module)
        return module

    def import_(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """What an ``import`` in a module of this folder means."""
        within = str((globals or {}).get("__package__") or "") if level else name
        top = within.partition(".")[0]
        if not self.has(top):
            return builtins.__import__(name, globals, locals, fromlist, level)
        with self._first(top):
            return builtins.__import__(name, globals, locals, fromlist, level)

    def has(self, top: str) -> bool:
        """Whether a module or a package of that name lies in the folder."""
        if top not in self._has:
            there = (self.folder / f"{top}.py").is_file() or any((self.folder / top).glob("*.py"))
            self._has[top] = bool(top) and there
        return self._has[top]

    @contextlib.contextmanager
    def _first(self, top: str) -> Iterator[None]:
        """``top`` is the folder's; another module of that name is put aside until the end."""
        there = sys.modules.get(top)
        clash = there is not None and not self._mine(there)
        hidden = _popped(top) if clash else {}
        sys.modules.update({name: m for name, m in self._private.items() if _within(name, top)})
        finder = Finder(self, top)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            if clash:
                self._private.update(_popped(top))
                sys.modules.update(hidden)

    def _mine(self, module: ModuleType) -> bool:
        loader = getattr(module.__spec__, "loader", None)
        if isinstance(loader, _Loader):
            return loader.neighbours is self
        places = list(getattr(module, "__path__", ()))  # a package without an __init__.py
        return bool(places) and all(Path(place).parent == self.folder for place in places)


class Finder:
    """Finds modules in the folder: those of one top name, or, where ``top`` is None, of any."""

    def __init__(self, neighbours: Neighbours, top: str | None = None) -> None:
        self.neighbours, self.top = neighbours, top

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of the folder, with our loader."""
        folder = str(self.neighbours.folder)
        if self.top is not None and not _within(name, self.top):
            return None
        places = [folder] if path is None else [place for place in path if place.startswith(folder)]
        spec = PathFinder.find_spec(name, places, target) if places else None
        if spec is not None and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.origin, self.neighbours)
        return spec


class _Loader(SourceFileLoader):
    """Compiles the bytes that it hashes, never a cached form of others, and hands on the folder's imports."""

    def __init__(self, name: str, path: str, neighbours: Neighbours) -> None:
        super().__init__(name, path)
        self.neighbours = neighbours

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        data = self.get_data(path)
        self.neighbours.files[path] = hashlib.sha256(data).hexdigest()
        code: CodeType = self.source_to_code(data, path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": self.neighbours.import_}
        super().exec_module(module)


def _within(name: str, top: str) -> bool:
    return name == top or name.startswith(f"{top}.")


def _popped(top: str) -> dict[str, ModuleType]:
    """The module and all below it, taken out of sys.modules."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if _within(name, top)}
