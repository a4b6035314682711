"""``--list``: every estimator, model and study, with its options. Does not import torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.benchmarks.study.studies import STUDIES, Study
from evidence_bench.estimators.catalogue import ESTIMATORS
from evidence_bench.estimators.catalogue import Entry as EstimatorEntry
from evidence_bench.models.catalogue import MODELS
from evidence_bench.models.catalogue import Entry as ModelEntry
from evidence_bench.models.option_text import Option, options_of
from evidence_bench.models.specs import unknown

_WIDTH = 100
_EPILOGUE = (
    "Options are typed as jvi[order=2] or jvi:order=2; a sampler under another reducer: student-t+jvi."
)


@dataclass(frozen=True)
class _Listed:
    """A name, what it is, and what can be said of it below, as (left, right)."""

    name: str
    about: str
    details: tuple[tuple[str, str], ...]


def print_list(
    estimators: Iterable[EstimatorEntry] = ESTIMATORS,
    models: Iterable[ModelEntry] = MODELS,
    only: str | None = None,
) -> None:
    """All that has a name, or what is called ``only``; UnknownName with near matches where nothing is."""
    groups = {
        "Estimators": [_estimator(entry) for entry in estimators],
        "Models": [_model(entry) for entry in models],
        "Studies": [_study(study) for study in STUDIES],
    }
    every = [one for group in groups.values() for one in group]
    if only is not None and only not in {one.name for one in every}:
        raise unknown("estimator, model or study", only, [one.name for one in every])
    for title, group in groups.items():
        shown = [one for one in group if only in (None, one.name)]
        for i, one in enumerate(shown):
            print(*([title] if i == 0 else []), *_lines(one, whole=only is not None), sep="\n")
    print(f"\n{_EPILOGUE}")


def _lines(one: _Listed, *, whole: bool) -> Iterator[str]:
    """A line for the name, one for each detail; those of a study only where it was asked for by name."""
    yield f"  {one.name:<18} {one.about}".rstrip()
    for left, right in one.details:
        if whole or "=" in left:
            first, *rest = wrap(right, _WIDTH - 30) or [""]
            yield f"      {left:<23} {first}".rstrip()
            yield from (f"{'':<30}{line}" for line in rest)


def _estimator(entry: EstimatorEntry) -> _Listed:
    options = [option for half in (entry.sampler, entry.reducer) for option in options_of(half)]
    return _Listed(entry.name, entry.about, _details(options))


def _model(entry: ModelEntry) -> _Listed:
    """A checkpoint under its own name has no option to name another."""
    fixed = dict(entry.preset) or {"checkpoint": ""}
    options = [option for option in options_of(entry.kind) if option.name not in fixed]
    return _Listed(entry.name, entry.about, _details(options))


def _details(options: Iterable[Option]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{option.name}={option.default}", option.meaning) for option in options)


def _study(study: Study) -> _Listed:
    return _Listed(study.name, study.about, tuple(_settings(study.settings)))


def _settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """What a study measures, in the words of the command line."""
    for name in ("models", "estimators", "samples", "replicates", "points", "reference"):
        value = getattr(settings, name)
        yield f"--{name}", ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
