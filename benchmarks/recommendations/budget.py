"""What one estimate of one data point may cost: ``evaluations=N``, ``seconds=S`` or ``ms=S``."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evidence_bench.models.errors import BadOption
from evidence_bench.models.specs import near

RECOMMEND = (
    "say which estimator to take, with which K, and what error to expect, where one estimate of one data "
    "point may cost evaluations=N, seconds=S or ms=S (several with commas)"
)
EVALUATIONS, SECONDS = "evaluations", "seconds"
_BOUNDS = {EVALUATIONS: (1.0, 1e12), SECONDS: (1e-9, 1e6)}  # beyond them nothing is measured
_UNITS = {"evaluations": (EVALUATIONS, 1.0), "seconds": (SECONDS, 1.0), "ms": (SECONDS, 1e-3)}


@dataclass(frozen=True)
class Budget:
    """So many counted evaluations, or so many seconds, a data point."""

    kind: str
    value: float

    def __str__(self) -> str:
        return f"{self.short} a point"

    @property
    def short(self) -> str:
        """The amount alone."""
        if self.kind == EVALUATIONS:
            return f"{self.value:,.0f} evaluation{'s' if self.value != 1 else ''}"
        for unit, factor in (("µs", 1e6), ("ms", 1e3)):
            if float(f"{self.value * factor:.4g}") < 1000:
                return f"{self.value * factor:.4g} {unit}"
        return f"{self.value:.4g} s" if self.value < 1e4 else f"{self.value:,.0f} s"


def parse_budgets(text: str) -> tuple[Budget, ...]:
    """The budgets of a comma-separated list; BadOption with a remedy."""
    return tuple(_budget(part.strip()) for part in text.split(",") if part.strip()) or (_budget(""),)


def _budget(text: str) -> Budget:
    name, _, value = text.partition("=")
    if name not in _UNITS:
        raise BadOption(
            f"'{text}' is not a budget{near(name, _UNITS)} Write evaluations=N, seconds=S or ms=S: what one "
            "estimate of one data point may cost."
        )
    kind, unit = _UNITS[name]
    try:
        number = float(value.replace("_", ""))
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise BadOption(f"'{text}': '{value}' is not a number above 0; write for example {name}=10.")
    least, most = _BOUNDS[kind]
    if not least <= number * unit * (1 + 1e-9) or number * unit > most:
        raise BadOption(
            f"'{text}': a budget lies between {f'{least / unit:.9f}'.rstrip('0').rstrip('.')} and "
            f"{most / unit:,.0f} {name}; write for example {name}=10."
        )
    return Budget(kind, number * unit)
