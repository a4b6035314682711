"""Table 2 of Burda et al.: what happens when the objective is switched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evidence_bench.benchmarks.papers import paired
from evidence_bench.benchmarks.papers.measured import Measured, joined
from evidence_bench.benchmarks.papers.published import TABLE_2, Switch
from evidence_bench.benchmarks.papers.sheet import Cell, Column, Sheet
from evidence_bench.benchmarks.papers.trained import TrainedAs

IWAE = "iwae"
COLUMNS = (
    Column("before"),
    Column("after"),
    Column("trained"),
    Column("layers"),
    Column("NLL before", "nats"),
    Column("NLL after", "nats"),
    Column("change", "nats"),
    Column("active units"),
    Column("activity of the inactive units, before to after"),
    Column("paper: change", "nats"),
    Column("active units in the paper"),
    Column("NLL moves as in the paper?"),
    Column("active units too?"),
)


def sheets(measured: Measured) -> list[Sheet]:
    """One row for each model that goes on from another of the run by another objective."""
    rows = [_row(measured, *pair) for pair in _pairs(measured)]
    return [
        Sheet(
            "Switched objectives (Burda et al., Table 2)",
            COLUMNS,
            tuple(row for row in rows if row),
            (
                "Changes are on the same images; standard errors are over images. The paper has one layer; "
                "models of two are held against its direction alone.",
                "A unit counts as active above an activity of 0.01. Few passes move the units that are not "
                "active without taking them across: the median of their activity shows which way they go.",
            ),
        )
    ]


def _pairs(measured: Measured) -> list[tuple[str, str, Switch]]:
    """(before, after, what the paper has): the phases of one are those of the other but for the last."""
    found = []
    for after, told in measured.trained.items():
        *first, last = told.phases
        if not first:
            continue
        known = TABLE_2.get((first[-1].objective, first[-1].k, last.objective, last.k))
        befores = [
            name
            for name, one in measured.trained.items()
            if one.phases == tuple(first) and measured.same_images(name, after) and one.layers == told.layers
        ]
        parent = next((name for name in befores if _is_origin(name, measured.trained[name], told)), None)
        if known and parent:
            found.append((parent, after, known))
    return found


def _is_origin(name: str, one: TrainedAs, after: TrainedAs) -> bool:
    """By the hash; or by the name, for a checkpoint that was rounded to float16 after it was gone on from."""
    origin = after.origin.split(" ")
    return bool(one.sha256 and one.sha256 in origin) or Path(name.partition("[")[0]).stem == origin[0]


def _row(measured: Measured, before: str, after: str, known: Switch) -> tuple[Cell, ...] | None:
    k = measured.largest_k(IWAE, before, after)
    values = [measured.images(name, IWAE, k) for name in (before, after)]
    if values[0] is None or values[1] is None:
        return None
    change = -paired.difference(values[1], values[0])
    published = round(known.after.nll - known.before.nll, 2)
    units = [sum(measured.active(name)) for name in (before, after)]
    layers = measured.trained[after].layers
    there = [sum(known.before.active), sum(known.after.active)]
    return (
        before,
        after,
        measured.trained[after].words(),
        layers,
        -paired.mean(values[0]),
        -paired.mean(values[1]),
        change,
        _both(measured, before, after, lambda name: joined(measured.active(name))),
        _both(measured, before, after, lambda name: _idle(measured, name)),
        published if layers == 1 else None,
        f"{there[0]} to {there[1]}" if layers == 1 else "",
        paired.direction(change, published),
        _moved(units[1] - units[0], there[1] - there[0]) if all(units) else "",
    )


def _both(measured: Measured, before: str, after: str, told: Callable[[str], str]) -> str:
    pair = told(before), told(after)
    return " to ".join(pair) if all(pair) else ""


def _idle(measured: Measured, model: str) -> str:
    """The median activity of the units that are not active."""
    units = measured.units.get(model, {})
    idle = sorted(
        value
        for layer in units.get("layers", [])
        for value in layer["activity"]
        if value <= units["active_above"]
    )
    return f"{idle[len(idle) // 2]:.2g}" if idle else ""


def _moved(here: int, there: int) -> str:
    return "unchanged" if here == 0 else "yes" if here * there > 0 else "no"
