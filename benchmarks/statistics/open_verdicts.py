"""What keeps a verdict open, in sentences with a remedy."""

from __future__ import annotations

import math
from collections.abc import Mapping

from evidence_bench.benchmarks.statistics.curve_point import At, How

_FURTHER = 8.0  # times the last K: how far a grid is raised at first where time says nothing


def why_open(places: Mapping[str, At]) -> str:
    """Of estimators that may be the best; "" where nothing but their intervals keeps them apart."""
    said = [_untimed(places), _ended(places)]
    return "; ".join(part for part in said if part)


def _untimed(places: Mapping[str, At]) -> str:
    names = [name for name, at in places.items() if at.how is How.UNTIMED]
    if not names:
        return ""
    return (
        f"of {listed(names)} the timing does not allow a statement: repeat on a quiet machine, or raise "
        "--samples so that time grows with K"
    )


def _ended(places: Mapping[str, At]) -> str:
    ended = {name: at for name, at in places.items() if at.how is How.ENDED}
    if not ended:
        return ""
    bound = f"the error of {listed(list(ended))} is a bound, at a K that is bought for sure"
    most = max(at.wanted for at in ended.values())
    if not math.isfinite(most):
        first = power(_FURTHER * max(at.k for at in ended.values()))
        return f"{bound}; raise --samples until time grows with K, first to about {first:,}"
    buys = f"this buys about K = {float(f'{most:.2g}'):,.0f}"
    return f"{bound}; {buys}: raise --samples to about {power(most):,}"


def power(k: float) -> int:
    """The power of two nearest to K from above, as grids have it."""
    return int(2 ** math.ceil(math.log2(k) - 1e-9))


def listed(names: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
