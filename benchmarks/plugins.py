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
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.roots import PACKAGES
from estimators import catalogue as estimator_catalogue
from models import catalogue as model_catalogue
from models.errors import BenchError

SAMPLER_DECLARES = ("iid", "identity", "exact_if_proposal_exact", "breaks", "min_k", "__call__")
REDUCER_DECLARES = (
    "needs_iid",
    "symmetric",
    "bound",
    "expansion",
    "bias_order",
    "moments",
    "min_k",
    "__call__",
)
MODEL_OFFERS = ("log_joint", "proposal", "prior")


class BadPlugin(BenchError):
    """A plug-in that cannot be loaded."""


@dataclass
class Bench:
    """What ``register`` is given: the catalogues of this run, to add to."""

    estimators: dict[str, estimator_catalogue.Entry] = field(default_factory=estimator_catalogue.catalogue)
    models: dict[str, model_catalogue.Entry] = field(default_factory=model_catalogue.catalogue)

    def add_estimator(
        self,
        name: str,
        *,
        reducer: Callable[..., Any] | None = None,
        sampler: Callable[..., Any] | None = None,
        about: str = "",
    ) -> None:
        """An estimator by its halves; the one left out is IWAE's.

        Each is a dataclass that satisfies ``estimators.base.Sampler`` or ``Reducer``; a reducer may also be
        a plain function ``log_w [..., K] -> [...]``, of which nothing is then taken for granted.
        """
        from estimators.function import reducer_from

        _check_half(sampler, SAMPLER_DECLARES, f"the sampler of '{name}'")
        if isinstance(reducer, type):
            _check_half(reducer, REDUCER_DECLARES, f"the reducer of '{name}'")
        iwae = self.estimators["iwae"]
        reduce = iwae.reducer if reducer is None else reducer_from(reducer)
        entry = estimator_catalogue.Entry(name, sampler or iwae.sampler, reduce, about or "from a plug-in")
        self._add(self.estimators, name, entry, "estimator")

    def add_model(self, name: str, kind: Callable[..., Any], *, about: str = "") -> None:
        """A model: a dataclass that satisfies ``models.base.Model`` and whose fields are its options."""
        _check_half(kind, MODEL_OFFERS, f"the model '{name}'")
        if not (hasattr(kind, "data") or hasattr(kind, "simulate")):
            raise BadPlugin(f"the model '{name}' has neither data(n) nor simulate(n, generator); add one.")
        entry = model_catalogue.Entry(name, kind, about or "from a plug-in")
        self._add(self.models, name, entry, "model")

    @staticmethod
    def _add(known: dict[str, Any], name: str, entry: Any, what: str) -> None:
        if name in known:
            raise BadPlugin(f"There is already {what} '{name}'; give the plug-in's another name.")
        if not name or set(name) & set("[]:,+= "):
            raise BadPlugin(f"'{name}' cannot name {what}: leave out brackets, commas, colons, + and spaces.")
        known[name] = entry


def _check_half(given: Any, wanted: tuple[str, ...], what: str) -> None:
    """BadPlugin unless ``given`` is a dataclass with all the attributes that are wanted of it."""
    if given is None:
        return
    if not (isinstance(given, type) and is_dataclass(given)):
        raise BadPlugin(f"{what} is no dataclass; decorate the class with @dataclass(frozen=True).")
    missing = [name for name in wanted if not hasattr(given, name)]
    if missing:
        raise BadPlugin(f"{what} lacks {', '.join(missing)}; the built-in ones show what these mean.")


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
