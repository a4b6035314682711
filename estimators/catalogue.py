"""Every estimator by name. Importing this module does not import torch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from evidence_bench.models import specs
from evidence_bench.models.errors import BadOption, UnknownName
from evidence_bench.models.specs import Spec
from evidence_bench.models.values import Value

if TYPE_CHECKING:
    from evidence_bench.estimators.base import Estimator

Half = str | Callable[..., Any]  # "module:Class", or the dataclass itself


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue: a name, its two halves and what it is in a few words."""

    name: str
    sampler: Half
    reducer: Half
    about: str


_FROM_PROPOSAL = "estimators.samplers.proposal:FromProposal"
_JACKKNIFE = "estimators.reducers.jackknife.reducer:Jackknife"
_LOG_MEAN_EXP = "estimators.reducers.log_mean_exp:LogMeanExp"

ESTIMATORS: tuple[Entry, ...] = (
    Entry("elbo", _FROM_PROPOSAL, "estimators.reducers.mean:Mean", "mean of K log weights"),
    Entry("iwae", _FROM_PROPOSAL, _LOG_MEAN_EXP, "log of the mean of K weights"),
    Entry("jvi", _FROM_PROPOSAL, _JACKKNIFE, "jackknifed IWAE, of any order"),
    Entry("dvi", _FROM_PROPOSAL, "estimators.reducers.delta:Delta", "IWAE plus its delta-method correction"),
    Entry("prior", "estimators.samplers.prior:FromPrior", _LOG_MEAN_EXP, "IWAE with K draws from the prior"),
    Entry("student-t", "estimators.samplers.student_t:StudentT", _LOG_MEAN_EXP, "IWAE, inflated Student-t"),
    Entry("annealed", "estimators.samplers.annealed:Annealed", _LOG_MEAN_EXP, "annealed importance sampling"),
    Entry("adaptive", "estimators.samplers.adaptive:Adaptive", _LOG_MEAN_EXP, "adaptive importance sampling"),
)
AMBIGUOUS = {
    "ais": "'ais' can mean two methods: write 'adaptive' for adaptive importance sampling "
    "or 'annealed' for annealed importance sampling.",
}


def catalogue() -> dict[str, Entry]:
    """The built-in estimators by name; a copy, to which a plug-in's are added."""
    return {entry.name: entry for entry in ESTIMATORS}


def build_estimator(text: str, known: Mapping[str, Entry] | None = None) -> Estimator:
    """The estimator of ``name[options]``, or of ``sampler+reducer``: the first's sampler under the second's.

    Raises UnknownName and BadOption with near matches, NotApplicable for a pair that breaks the reducer.
    """
    from evidence_bench.estimators.base import Estimator

    known = catalogue() if known is None else known
    halves = [specs.parse_spec(part) for part in specs.halves(text)]
    if len(halves) > 2:
        raise BadOption(f"'{text}' names more than a sampler and a reducer; write sampler+reducer.")
    entries = [_find(spec, known) for spec in halves]
    if entries[-1].sampler not in (entries[0].sampler, _FROM_PROPOSAL):
        raise BadOption(
            f"'{text}' would leave out the sampler of '{halves[-1]}'; the sampler comes first: "
            f"'{halves[-1]}+{halves[0]}'."
        )
    sampler_kind, reducer_kind = specs.load(entries[0].sampler), specs.load(entries[-1].reducer)
    sampler_options, reducer_options = _divide(halves, sampler_kind, reducer_kind)
    sampler = specs.build(sampler_kind, sampler_options, str(halves[0]))
    reducer = specs.build(reducer_kind, reducer_options, str(halves[-1]))
    key = _key(entries[0], Spec(halves[0].name, tuple(sampler_options.items())), known)
    return Estimator(_canonical(halves, sampler_kind, reducer_kind), sampler, reducer, key)


def _key(entry: Entry, options: Spec, known: Mapping[str, Entry]) -> str:
    """What keys the noise of an entry's sampler: "" (its repr) for ours, whose reprs are told apart.

    For any other the first entry that has it and the options: two classes of one name are two, entries that
    share a sampler share its draws, and nothing in it changes from one process to the next.
    """
    kind = entry.sampler
    if isinstance(kind, str) or is_ours(kind):
        return ""
    first = next(other.name for other in known.values() if other.sampler is kind)
    return f"plug-in {Spec(first, specs.canonical(options, specs.load(kind)).options)}"


def is_ours(kind: Callable[..., Any]) -> bool:
    """Whether it is a class of this package under its own name."""
    module = getattr(kind, "__module__", "")
    ours = module.split(".")[0] == __name__.split(".")[0]
    return ours and getattr(sys.modules.get(module), getattr(kind, "__qualname__", ""), None) is kind


def _canonical(halves: list[Spec], sampler: type, reducer: type) -> str:
    """One name for one estimator: options typed, and those left out that are the default."""
    if len(halves) == 2:
        return f"{specs.canonical(halves[0], sampler)}+{specs.canonical(halves[1], reducer)}"
    of_sampler, of_reducer = specs.canonical(halves[0], sampler), specs.canonical(halves[0], reducer)
    return str(Spec(halves[0].name, tuple(sorted({*of_sampler.options, *of_reducer.options}))))


def _find(spec: Spec, known: Mapping[str, Entry]) -> Entry:
    if spec.name in AMBIGUOUS and spec.name not in known:
        raise UnknownName(AMBIGUOUS[spec.name])
    if spec.name not in known:
        raise specs.unknown("estimator", spec.name, known)
    return known[spec.name]


def _divide(halves: list[Spec], sampler: type, reducer: type) -> tuple[dict[str, Value], dict[str, Value]]:
    """Options by the half that has them; with one name an option may belong to either."""
    if len(halves) == 2:
        return dict(halves[0].options), dict(halves[1].options)
    of_reducer = {f.name for f in fields(reducer)}
    of_sampler = {f.name for f in fields(sampler)}
    options = dict(halves[0].options)
    for key in options:
        if key not in of_reducer | of_sampler:
            known = sorted(of_reducer | of_sampler)
            takes = f" It takes: {', '.join(known)}." if known else " It takes no options."
            raise BadOption(f"'{halves[0]}' has no option '{key}'{specs.near(key, known)}{takes}")
    in_reducer = {key: value for key, value in options.items() if key in of_reducer}
    return {key: value for key, value in options.items() if key not in in_reducer}, in_reducer
