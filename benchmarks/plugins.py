"""A user's own estimators and models, from a file of theirs.

The file defines ``register(bench)`` and calls ``bench.add_estimator`` and ``bench.add_model`` there. It is
loaded under a name of its own, and what lies beside it goes first: if that folder has a ``models.py``, the
plug-in's ``import models`` means that one, and ours is hidden while it imports.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.additions import BadPlugin, model_kind, reducer_kind, sampler_kind
from benchmarks.roots import PACKAGES
from estimators import catalogue as estimator_catalogue
from models import catalogue as model_catalogue
from models.errors import BenchError


@dataclass
class Bench:
    """What ``register`` is given: the catalogues of this run, to add to."""

    estimators: dict[str, estimator_catalogue.Entry] = field(default_factory=estimator_catalogue.catalogue)
    models: dict[str, model_catalogue.Entry] = field(default_factory=model_catalogue.catalogue)
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

    @staticmethod
    def _add(known: dict[str, Any], name: str, entry: Any, what: str) -> None:
        if name in known:
            raise BadPlugin(f"There is already {what} '{name}'; give the plug-in's another name.")
        if not name or set(name) & set("[]:,+= "):
            raise BadPlugin(f"'{name}' cannot name {what}: leave out brackets, commas, colons, + and spaces.")
        known[name] = entry


def load_plugins(paths: tuple[str, ...]) -> Bench:
    """The catalogues with everything that the plug-ins register; BadPlugin says what went wrong where."""
    bench = Bench()
    for path in paths:
        module = _load(Path(path))
        if not hasattr(module, "register"):
            raise BadPlugin(
                f"The plug-in '{path}' has no register(bench); define it, and add to bench there."
            )
        try:
            module.register(bench)
        except BenchError:
            raise
        except Exception as error:
            raise BadPlugin(
                f"register(bench) of the plug-in '{path}' raised {type(error).__name__}: {error}; "
                "correct it and start again."
            ) from error
    return bench


def _load(path: Path) -> ModuleType:
    if not path.is_file():
        raise BadPlugin(f"There is no plug-in '{path}'; give the path of a Python file.")
    name = f"evidence_bench_plugin_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadPlugin(f"The plug-in '{path}' is no Python file; its name must end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _beside(path.resolve().parent):
            spec.loader.exec_module(module)
    except Exception as error:
        raise BadPlugin(
            f"The plug-in '{path}' raised {type(error).__name__} while it was imported: {error}; "
            "correct it and start again."
        ) from error
    return module


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """The folder first on the import path, and those of our packages hidden that it has files of."""
    ours = Path(__file__).resolve().parent.parent
    clashing = [p for p in PACKAGES if (folder / p).is_dir() or (folder / f"{p}.py").is_file()]
    names = [] if folder == ours else clashing
    hidden = {m: sys.modules.pop(m) for m in list(sys.modules) if m.split(".")[0] in names}
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for module in [m for m in sys.modules if m.split(".")[0] in names]:
            del sys.modules[module]
        sys.modules.update(hidden)
