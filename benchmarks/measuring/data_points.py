"""Errors by the data points they are about, where a sampler only knows the rows that it was handed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from torch import Tensor

from evidence_bench.models.errors import BadWeights

_SHOWN = 5


@contextlib.contextmanager
def named(points: Sequence[int], x: Tensor, repeats: int = 1) -> Iterator[None]:
    """Inside, BadWeights about rows becomes one about data points: each is ``repeats`` rows, in this order.

    A sampler is often handed a data point many times, so its rows are not numbers that a user knows. ``x``
    [b, ...] are these data points.
    """
    try:
        yield
    except BadWeights as error:
        if not error.rows:
            raise
        raise not_weights_at(points, x, {row // repeats for row in error.rows}) from None


def not_weights_at(points: Sequence[int], x: Tensor, places: Iterable[int]) -> BadWeights:
    """The error for weights that are none at some places of x [b, ...], whose numbers are ``points``."""
    at = sorted(places)
    advice = advice_at(x[at], "check log_joint and the proposal there")
    return BadWeights(f"log weights are NaN or +inf at {listed(points[i] for i in at)}; {advice}.")


def advice_at(x: Tensor, otherwise: str) -> str:
    """What to do about wrong values at these data points x [b, ...]: mend x itself where it is not finite."""
    if bool(x.isfinite().all()):
        return otherwise
    return "x itself is NaN or infinite there, so mend the data or leave these points out"


def listed(points: Iterable[int]) -> str:
    """ "data point 7", or "data points 1, 2, 3, 4, 5 and 4 more"."""
    numbers = sorted(set(points))
    shown = ", ".join(map(str, numbers[:_SHOWN]))
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"data point{'s' if len(numbers) > 1 else ''} {shown}{more}"
