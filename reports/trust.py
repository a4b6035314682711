"""Whether the figures of a model can be trusted, and why, from the flags of its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence_bench.benchmarks.record.flags import EXACT, FLAGS, Flag, Level, percent
from evidence_bench.reports import levels
from evidence_bench.reports.numbers import number, whole
from evidence_bench.reports.read import Run, listed

WORTH_A_WORD, BUSY = 0.05, 0.2  # of log seconds, what a time is off by (one sd)
ALONE = (
    "one replicate has no error bars and tells no bias from noise, so no estimator can be recommended: "
    "use --replicates 20 or more"
)


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
    wrong = Level.WRONG in gravest
    scatter = 0.0 if wrong else _scatter(run, level.model)
    alone = all(row["replicates"] == 1 for row in rows)
    reasons = [*_of_level(level, wrong), *(_of_flag(flag, raised, len(rows)) for flag, raised in said)]
    reasons += [*([ALONE] if alone else []), *_of_scatter(scatter), *_of_look(run, level.model)]
    if wrong:
        return Trust("no", tuple(reasons))
    if not level.known or alone:
        return Trust("as far as it goes", tuple(reasons))
    if gravest & {Level.DOUBT, Level.CLAIM} or _unseen(run, level.model) or scatter > BUSY:
        return Trust("with care", tuple(reasons))
    checked = any(row["weight_check"] == "passes" for row in rows)
    held = ", and the mean weight was found to be p(x)" if checked else ""
    return Trust("yes", (*reasons, f"no cell raises a warning{held}"))


def _of_level(level: levels.Level, wrong: bool) -> list[str]:
    """How log p(x) is known; of a model that contradicts itself, what the figure is and what to do."""
    if wrong:
        return [
            "the model contradicts itself, so no error here says anything of an estimator: the log p(x) "
            "above is what log_evidence or a reference says, and the weights say another; correct log_joint, "
            "proposal or log_evidence and run again"
        ]
    if not level.known:
        return ["log p(x) is not known, so no error was measured"]
    if level.own <= EXACT:
        return [
            "log p(x) is exact" if level.own == 0 else f"log p(x) is known to {number(level.own, 1)} nats"
        ]
    return []


def _scatter(run: Run, model: str) -> float:
    """What the log of a time is off by, one sd; 0 where nothing was timed or compared."""
    found = [one.times_scatter for one in run.curves if one.model == model]
    return found[0] if found and math.isfinite(found[0]) else 0.0


def _of_scatter(scatter: float) -> list[str]:
    if scatter <= WORTH_A_WORD:
        return []
    said = f"times scatter by {percent(math.expm1(scatter))}"
    if scatter <= BUSY:
        return [f"{said}, which is in the intervals of the rows in seconds"]
    return [
        f"{said}, more than {BUSY:.0%} (a busy machine?): the rows in seconds say less; repeat on a quiet one"
    ]


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


def _of_flag(flag: Flag, raised: list[dict[str, Any]], cells: int) -> str:
    worst = max(raised, key=flag.size)
    where = f"{worst['estimator']} at K = {whole(worst['k'])}"
    if flag.share:
        ends = dict.fromkeys(percent(end([row[flag.share] for row in raised])) for end in (min, max))
        of_points = f"{' to '.join(ends)} of the points"
        return f"{flag.short} at {of_points} in {len(raised)} of {cells} cells (most: {where})"
    return f"{flag.short} in {len(raised)} of {cells} cells (worst: {flag.figure(worst)}, {where})"
