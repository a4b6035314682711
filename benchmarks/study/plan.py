"""What a study comes to before anything runs: every estimator built, every model named, all cells listed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evidence_bench.benchmarks.record.sources import Sources
from evidence_bench.benchmarks.study.plugins import Bench
from evidence_bench.benchmarks.study.room import require_room
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.models.base import HasData
from evidence_bench.models.catalogue import Built, build
from evidence_bench.models.errors import BadOption, BenchError, NotApplicable, UnknownName
from evidence_bench.models.specs import halves
from evidence_bench.models.vaes.card import declared_facts
from evidence_bench.models.vaes.checkpoint_names import distinct, name_of_unreadable
from evidence_bench.models.vaes.trained import TrainedVAE


@dataclass
class Plan:
    """Everything that was resolved before anything runs.

    ``names`` are those of the models by their texts, ``facts`` what models tell of themselves by their names.
    """

    settings: Settings
    bench: Bench
    estimators: dict[str, Estimator]
    cells: list[Cell]
    not_applicable: list[dict[str, Any]]
    names: dict[str, str]
    facts: dict[str, dict[str, Any]]
    sources: Sources

    def text_of(self, model: str) -> str:
        """The text that a model is built from."""
        return next((text for text, name in self.names.items() if name == model), model)

    def code(self, cell: Cell) -> str:
        """A hash of the code that measures the cell."""
        return self.sources.digest(self.bench.plugins_of(cell))


def make_plan(settings: Settings, bench: Bench, names: Mapping[str, str] | None = None) -> Plan:
    """Build every estimator and name every cell; raises before anything runs.

    ``names`` are those that models have already, in a run that is resumed; without them, a model whose
    checkpoint or data cannot be read is refused. A K below an estimator's minimum is set aside with the
    reason; NotApplicable if no K is left at all.
    """
    estimators = {e.name: e for e in (build_estimator(t, bench.estimators) for t in settings.estimators)}
    named, facts, simulates = _names(settings.models, bench, names)
    cells, aside = [], []
    samples = dict.fromkeys(settings.samples)
    for cell in (Cell(m, e, k) for m in dict.fromkeys(named.values()) for e in estimators for k in samples):
        least = estimators[cell.estimator].min_k
        if cell.k >= least:
            cells.append(cell)
        else:
            aside.append(asdict(cell) | {"reason": f"needs K of at least {least}"})
    if not cells:
        raise NotApplicable(
            f"No K in {', '.join(map(str, settings.samples))} is enough: "
            + "; ".join(f"'{name}' needs at least {e.min_k}" for name, e in estimators.items())
            + ". Raise --samples."
        )
    require_room(settings, estimators, cells, simulates=simulates)
    return Plan(settings, bench, estimators, cells, aside, named, facts, Sources.now(bench.files()))


def _names(
    texts: Iterable[str], bench: Bench, already: Mapping[str, str] | None
) -> tuple[dict[str, str], dict[str, dict[str, Any]], bool]:
    """The name of the model of each text, one for one content however its path is spelled; facts; and
    whether some model simulates its data.
    """
    names: dict[str, str] = {}
    keys: dict[str, str] = {}
    facts: dict[str, dict[str, Any]] = {}
    simulates = False
    for text in texts:
        built = _built(text, bench, new=already is None)
        key = built.key if built else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        name = built.name if built else name_of_unreadable(text)
        names[text] = (already or {}).get(text) or keys.get(key) or distinct(name, names.values(), key)
        keys.setdefault(key, names[text])
        if built:
            facts.setdefault(names[text], declared_facts(built.model))
            simulates |= not isinstance(built.model, HasData)
    return names, facts, simulates


def _built(text: str, bench: Bench, *, new: bool) -> Built | None:
    """The model with its data looked for; None for one that cannot be made, which fails its own cells later.

    In a ``new`` run, where there is nothing yet to keep, the sentence for it ends the run.
    """
    try:
        built = build(text, bench.models)
        if new and isinstance(built.model, TrainedVAE):
            built.model.require_data()
        return built
    except (UnknownName, BadOption):
        raise
    except Exception as error:
        if new and isinstance(error, BenchError):
            raise
        return None


def described(plan: Plan, truths: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What each estimator declares and what each model is, for config.json.

    ``truths``: how references were obtained that are there already.
    """
    names = {entry.name: entry.about for entry in plan.bench.estimators.values()}
    abouts = {entry.name: entry.about for entry in plan.bench.models.values()}
    return {
        "estimators": [_declared(e, names) for e in plan.estimators.values()],
        "models": [
            _model(plan, name, abouts.get(name.split("[")[0], ""), (truths or {}).get(name))
            for name in dict.fromkeys(cell.model for cell in plan.cells)
        ],
    }


def _model(plan: Plan, name: str, about: str, truth: str | None) -> dict[str, Any]:
    """``typed`` are all texts that asked for the model."""
    typed = [text for text, named in plan.names.items() if named == name]
    return {"name": name, "about": about, "typed": typed} | ({"truth": truth} if truth else {})


def _declared(estimator: Estimator, abouts: dict[str, str]) -> dict[str, Any]:
    first, *second = halves(estimator.name)
    about = "one sampler under another reducer" if second else abouts.get(first.split("[")[0], "")
    return {
        "name": estimator.name,
        "about": about,
        "sampler": repr(estimator.sampler),
        "reducer": repr(estimator.reducer),
        "bound": str(estimator.bound),
        "order": estimator.reducer.bias_order,
        "moments": estimator.reducer.moments,
        "identity": str(estimator.sampler.identity),
        "breaks": estimator.sampler.breaks,
        "iid": estimator.sampler.iid,
        "symmetric": estimator.reducer.symmetric,
        "min_k": estimator.min_k,
    }
