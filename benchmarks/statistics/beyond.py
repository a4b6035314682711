"""A loss beyond the last K that was measured: two ways to go on, and how far they may be followed.

The law: variance falls like 1/K and squared bias like K^-2m, where the bias is O(K^-m) (it stays where m is
None). The trend: the slope of log loss over the last K goes on. In the asymptotic regime they agree; before
it truth lies between them, since slopes near those of the law from above. The value is half-way, its span
holds both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.clocks import FARTHEST
from evidence_bench.benchmarks.statistics.curve_point import At, How, log_of, of_loss, slope_weights
from evidence_bench.benchmarks.statistics.losses import Loss

WIDEST = float(np.log(4.0)) / 2  # largest span of log loss: within a factor of 2 in RMSE from end to end
TREND_OVER = 8.0  # the trend is that of the K within this factor of the last


def beyond(ks: Sequence[float], losses: Sequence[Loss], order: int | None, k: float) -> At:
    """The loss at ``k`` above the last of ``ks``, or where the curve ENDED before it."""
    used = [i for i, measured in enumerate(ks) if measured * TREND_OVER >= ks[-1]]
    if len(used) < 2:
        return of_loss(ks[-1], losses[-1], How.ENDED)

    def follow(far: float) -> At:
        return _both_ways([(ks[i], losses[i]) for i in used], order, far)

    far = k / ks[-1]
    farthest = min(far, FARTHEST)
    if follow(farthest).span > WIDEST:
        farthest = _where_they_part(follow, farthest)
    at = follow(farthest) if farthest > 1 else of_loss(ks[-1], losses[-1], How.ENDED)
    return at if farthest == far else replace(at, how=How.ENDED)


def _both_ways(cells: list[tuple[float, Loss]], order: int | None, far: float) -> At:
    """Half-way between law and trend at ``far`` times the last K."""
    (last_k, last), log_far = cells[-1], float(np.log(far))
    of_offset = 1.0 if order is None else far ** (-2.0 * order)
    law = last.spread / far + max(last.offset, 0.0) * of_offset
    law_moves = (last.spread_moves / far + last.offset_moves * of_offset) / law
    points = [of_loss(k, loss, How.BEYOND) for k, loss in cells]
    weights = slope_weights([at.k for at in points]) * log_far
    trend = points[-1].log_loss + float(weights @ np.array([at.log_loss for at in points]))
    if order is None:  # the trend of what is still falling must not fall through what stays
        trend = max(trend, log_of(last.floor))
    trend_moves = points[-1].moves + np.tensordot(weights, np.stack([at.moves for at in points]), 1)
    middle = (log_of(law) + trend) / 2
    return At(
        last_k * far,
        How.BEYOND,
        middle,
        np.asarray(law_moves + trend_moves) / 2,
        _of_reference(last, of_offset / law, points, weights),
        (middle - points[-1].log_loss) / log_far if far > 1 else np.nan,
        last.doubt * of_offset / law,
        span=abs(log_of(law) - trend) / 2,
    )


def _of_reference(last: Loss, scale: float, points: list[At], weights: Array) -> Array:
    """How the reference moves the value: half of what it does to the law, half of that to the trend."""
    trend = points[-1].by_reference + np.tensordot(weights, np.stack([at.by_reference for at in points]), 1)
    return np.asarray(last.by_reference * scale + trend) / 2


def _where_they_part(follow: Callable[[float], At], high: float) -> float:
    """How far the two ways agree well enough, to 1%; 1 where they part at once."""
    low, top = 0.0, float(np.log(high))
    while top - low > 0.01:
        middle = (low + top) / 2
        near = follow(float(np.exp(middle))).span <= WIDEST
        low, top = (middle, top) if near else (low, middle)
    return float(np.exp(low))
