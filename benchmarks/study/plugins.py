"""A user's own estimators and models, from a file of theirs.

The file defines ``register(bench)`` and calls ``bench.add_estimator`` and ``bench.add_model`` there. It is
loaded under a name of its own, and what lies beside it goes first: if that folder has a ``models.py``, the
plug-in's ``import models`` means that one.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from evidence_bench.benchmarks.study.additions import BadPlugin, model_kind, reducer_kind, sampler_kind
from evidence_bench.benchmarks.study.neighbours import Finder, Neighbours
from evidence_bench.benchmarks.study.plugin_errors import plugin_errors
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.estimators import catalogue as estimator_catalogue
from evidence_bench.models import catalogue as model_catalogue
from evidence_bench.models import specs
from evidence_bench.models.files import expanded


@dataclass
class Bench:
    """What ``register`` is given: the catalogues of this run, to add to."""

    estimators: dict[str, estimator_catalogue.Entry] = field(default_factory=estimator_catalogue.catalogue)
    models: dict[str, model_catalogue.Entry] = field(default_factory=model_catalogue.catalogue)
    plugins: dict[str, Neighbours] = field(default_factory=dict)  # what was loaded with each, by its path
    _from: dict[tuple[str, str], str] = field(default_factory=dict)  # the plug-in of (model, "its name")
    _now: str = ""
    _kinds: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    def add_estimator(
        self,
        name: str,
        *,
        reducer: Any = None,
        sampler: Any = None,
        about: str = "",
    ) -> None:
        """An estimator by its halves; the one left out is IWAE's.

        Each is a dataclass that satisfies ``estimators.base.Sampler`` or ``Reducer``, an object that does, or
        a function: ``log_w [..., K] -> [...]``, or ``(model, x, k, generator) -> LogWeights``, of which
        nothing is then taken for granted.
        """
        iwae = self.estimators["iwae"]
        sampler = self._kind(sampler, sampler_kind, f"the sampler of '{name}'") or iwae.sampler
        reducer = self._kind(reducer, reducer_kind, f"the reducer of '{name}'") or iwae.reducer
        entry = estimator_catalogue.Entry(name, sampler, reducer, about or "from a plug-in")
        self._add(self.estimators, name, entry, "estimator")

    def add_model(self, name: str, kind: Any, *, about: str = "") -> None:
        """A model: a dataclass that satisfies ``models.base.Model``, its fields its options, or an object.

        Its ``prior`` may be left out; estimators that draw from it are then not applicable.
        """
        kind = self._kind(kind, model_kind, f"the model '{name}'")
        entry = model_catalogue.Entry(name, kind, about or "from a plug-in")
        self._add(self.models, name, entry, "model")

    def _kind(self, given: Any, kind_of: Callable[[Any, str], Callable[..., Any]], what: str) -> Any:
        """The class of what was handed in; one for one object, so that its draws are known as the same."""
        if given is None:
            return None
        if id(given) not in self._kinds:
            self._kinds[id(given)] = (given, kind_of(given, what))
        return self._kinds[id(given)][1]

    def plugins_of(self, cell: Cell) -> set[str]:
        """The paths of the plug-ins that its model, its sampler or its reducer are from."""
        names = [("model", cell.model), *(("estimator", half) for half in specs.halves(cell.estimator))]
        found = (self._from.get((what, name.partition("[")[0])) for what, name in names)
        return {path for path in found if path}

    def files(self) -> dict[str, dict[str, str]]:
        """By plug-in the sha256 of it and of what it has imported from its folder so far, by path."""
        return {path: dict(neighbours.files) for path, neighbours in self.plugins.items()}

    def _add(self, known: dict[str, Any], name: str, entry: Any, what: str) -> None:
        if name in known:
            raise BadPlugin(f"There is already {what} '{name}'; give the plug-in's another name.")
        if not name or set(name) & set("[]:,+= "):
            raise BadPlugin(f"'{name}' cannot name {what}: leave out brackets, commas, colons, + and spaces.")
        known[name] = entry
        self._from[what, name] = self._now


def load_plugins(paths: Iterable[str]) -> Bench:
    """The catalogues with everything that the plug-ins register; BadPlugin says what went wrong where."""
    bench = Bench()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for path in dict.fromkeys(expanded(text).resolve() for text in paths):
        _register(bench, path)
    bench._now = ""
    return bench


def _register(bench: Bench, path: Path) -> None:
    bench._now = str(path)
    neighbours = next((n for n in bench.plugins.values() if n.folder == path.parent), None)
    if neighbours is None:
        neighbours = Neighbours(path.parent)
        sys.meta_path.append(Finder(neighbours))
    bench.plugins[str(path)] = neighbours
    module = _load(path, neighbours)
    if not hasattr(module, "register"):
        raise BadPlugin(f"The plug-in '{path}' has no register(bench); define it, and add to bench there.")
    with plugin_errors(path, "register(bench) of"):
        module.register(bench)


def _load(path: Path, neighbours: Neighbours) -> ModuleType:
    if not path.is_file():
        raise BadPlugin(f"There is no plug-in '{path}'; give the path of a Python file.")
    if path.suffix != ".py":
        raise BadPlugin(f"The plug-in '{path}' is no Python file; its name must end in .py.")
    name = f"evidence_bench_plugin_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    with plugin_errors(path, "The import of"):
        return neighbours.load(path, name)
