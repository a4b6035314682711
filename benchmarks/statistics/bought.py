"""The loss at the K that a budget buys, where that K has an interval."""

from __future__ import annotations

import math
from dataclasses import replace

from evidence_bench.benchmarks.statistics.clocks import Bought
from evidence_bench.benchmarks.statistics.curve_point import At, How
from evidence_bench.benchmarks.statistics.curves import Curve


def loss_at(curve: Curve, bought: Bought) -> At:
    """At K, with what its interval does to it; ENDED at a K that is bought for sure where K is too far.

    UNTIMED where the interval of K says too little and its low end is on the grid or before it.
    """
    first, last = curve.ks[0], curve.ks[-1]
    if bought.high < first or (bought.sure and bought.k < first):
        return curve.at(bought.k)
    if not bought.sure:
        how = How.ENDED if bought.low >= last else How.UNTIMED
        return _bound(curve, bought, how)
    at = curve.at(_whole(bought.k, first))
    if at.how is How.ENDED:
        return _bound(curve, bought, How.ENDED)
    losses = curve.log_losses(_whole(bought.low, first), _whole(bought.high, first)) - at.log_loss
    return replace(at, by_time=(max(float(-losses.min()), 0.0), max(float(losses.max()), 0.0)))


def _bound(curve: Curve, bought: Bought, how: How) -> At:
    """What more samples would only help: the loss at the low end."""
    at = curve.at(max(_whole(bought.low, curve.ks[0]), curve.ks[0]))
    return replace(at, how=how, wanted=bought.k if math.isfinite(bought.high) else math.inf)


def _whole(k: float, first: float) -> float:
    """Samples are whole; below the first K there are none that were measured, and the place is kept."""
    return float(math.floor(k * (1 + 1e-9))) if k >= first else k
