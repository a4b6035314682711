"""Whether the figures of a model can be trusted, and why, from the flags of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence_bench.benchmarks.flags import EXACT, FLAGS, Level
from evidence_bench.reports import levels
from evidence_bench.reports.numbers import number, whole
from evidence_bench.reports.read import Run, listed


@dataclass(frozen=True)
class Trust:
    """A word ("yes", "with care", "no", "as far as it goes") and the reasons, sentences."""

    word: str
    reasons: tuple[str, ...]


def trust(run: Run, level: levels.Level) -> Trust:
    """About the figures of one model."""
    rows = run.results[run.results["model"] == level.model].to_dict("records")
    found = [(flag, [row for row in rows if flag.raised(row)]) for flag in FLAGS]
    said = [(flag, raised) for flag, raised in found if raised and flag.level is not Level.NOTE]
    gravest = {flag.level for flag, _ in said}
    reasons = [_of_flag(flag, raised, len(rows)) for flag, raised in said]
    if level.known and level.own <= EXACT:
        reasons.insert(
            0, "log p(x) is exact" if level.own == 0 else f"log p(x) is known to {number(level.own, 1)} nats"
        )
    reasons += _of_look(run, level.model)
    if Level.WRONG in gravest:
        return Trust("no", tuple(reasons))
    if not level.known:
        return Trust("as far as it goes", ("log p(x) is not known, so no error was measured", *reasons))
    if gravest & {Level.DOUBT, Level.CLAIM} or _unseen(run, level.model):
        return Trust("with care", tuple(reasons))
    checked = any(row["weight_check"] == "passes" for row in rows)
    held = ", and the mean weight was found to be p(x)" if checked else ""
    return Trust("yes", (*reasons, f"no cell raises a warning{held}"))


def _look(run: Run, model: str) -> Any:
    """What provenance.json says of the look at the model before it was measured."""
    looks = run.provenance.get("looks")
    return looks.get(model) if isinstance(looks, Mapping) else None


def _unseen(run: Run, model: str) -> bool:
    """Whether the look was left out."""
    return isinstance(_look(run, model), str)


def _of_look(run: Run, model: str) -> list[str]:
    look = _look(run, model)
    if isinstance(look, str):
        return [f"the look at the model before it was measured was {look}"]
    notes = [*listed(look, "findings"), *listed(look, "notes")] if isinstance(look, Mapping) else []
    return [str(note).rstrip(".") for note in notes]


def _of_flag(flag: Any, raised: list[dict[str, Any]], cells: int) -> str:
    worst = max(raised, key=flag.size)
    where = f"{worst['estimator']} at K = {whole(worst['k'])}"
    return f"{flag.short} in {len(raised)} of {cells} cells (worst: {flag.figure(worst)}, {where})"
