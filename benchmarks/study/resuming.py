"""A run that is resumed goes on as it was: what changed since is named, and refused or measured again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evidence_bench.benchmarks.record.configuration import PROVENANCE, read_described, read_earlier
from evidence_bench.benchmarks.record.provenance import what_differs
from evidence_bench.benchmarks.record.sources import Sources, listed
from evidence_bench.benchmarks.record.store import CONFIG, RunFolder, slug
from evidence_bench.benchmarks.study.plan import Plan
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.models.errors import BadOption


def names_of(folder: RunFolder) -> dict[str, str]:
    """The names that the run gave to its models, by the texts that asked for them."""
    models = read_described(folder.path / CONFIG).models
    return {text: model.name for model in models for text in model.typed}


def truths_of(folder: RunFolder) -> dict[str, str]:
    """How the reference of each model was obtained, as far as the run has come."""
    return {model.name: model.truth for model in read_described(folder.path / CONFIG).models if model.truth}


def earlier(folder: RunFolder) -> dict[str, Any]:
    """What provenance keeps of the run before: all of it, and the facts about models with finished cells."""
    if not (folder.path / PROVENANCE).exists():
        return {}
    known = read_earlier(folder.path)
    once = {key: value for key, value in folder.read_json(PROVENANCE).items() if key != "earlier"}
    return {
        "models": known.models,
        "likelihood_forms": known.likelihood_forms,
        "looks": known.looks,
        "earlier": [*known.earlier, once],
    }


def require_same_code(plan: Plan, folder: RunFolder, *, remeasure: bool) -> list[Cell]:
    """The finished cells that other code measured than this, discarded; BadOption unless ``remeasure``."""
    before = Sources.of(folder.path)
    stale = _stale(plan, folder, before)
    if stale and not remeasure:
        files = before.changed(plan.sources)
        what = f"{listed(files)} {'have' if len(files) > 1 else 'has'}" if files else "The code has"
        raise BadOption(
            f"{what} changed since {len(stale)} of the finished cells were measured; restore what was there, "
            "add --remeasure to measure them again, or choose another --output."
        )
    _discard(folder, stale)
    return stale


def discard_changed_models(plan: Plan, folder: RunFolder, facts: dict[str, Any]) -> list[Cell]:
    """The finished cells of models that are not the ones that the run began with, discarded."""
    differ = {name for name, now in plan.facts.items() if what_differs(facts["models"].get(name, {}), now)}
    changed = [cell for cell in plan.cells if cell.model in differ and folder.finished(cell)]
    _discard(folder, changed)
    return changed


def with_cells(plan: Plan, folder: RunFolder, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts without the models of which no cell is finished: they may still become what they want."""
    finished = {cell.model for cell in plan.cells if folder.finished(cell)}
    kept = {name: told for name, told in facts.get("models", {}).items() if name in finished}
    return facts | {"models": kept}


def _stale(plan: Plan, folder: RunFolder, before: Sources) -> list[Cell]:
    changed = {path for path in before.plugins if before.plugin_changed(path)}
    return [
        cell
        for cell in plan.cells
        if folder.finished(cell)
        and (folder.facts(slug(cell))["code"] != plan.code(cell) or plan.bench.plugins_of(cell) & changed)
    ]


def _discard(folder: RunFolder, cells: Iterable[Cell]) -> None:
    for cell in cells:
        folder.discard(cell)
        folder.discard_units(cell.model)
