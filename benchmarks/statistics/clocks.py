"""How many samples a budget buys: counted evaluations, or seconds as they were measured.

K in seconds has an interval: where the line of seconds against K, at the ends of its own 95% interval, meets
the budget. At its low end K is bought for sure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array, Mask
from evidence_bench.benchmarks.statistics.intervals import reach
from evidence_bench.benchmarks.statistics.time_law import BEYOND, FEWEST, Line, Noise, fit

FARTHEST = 64.0  # times the last K: nothing is followed further
_ABOUT = 64.0  # a fit takes the K within this factor of the one in question
_WIDEST = 4.0  # from end to end of the interval of K: beyond that it says nothing
_PLACES = 600  # at which the line and its ends are looked at


@dataclass(frozen=True)
class Bought:
    """K with its 95% interval; 0 where not even the first K is paid, infinite where time shows no end.

    The K of ``low`` is bought for sure.
    """

    k: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval is narrow enough to say something."""
        return self.high <= _WIDEST * self.low


@dataclass(frozen=True)
class Clock:
    """Seconds [n] a point at ascending ks [n], the errors [n] of their log, and the noise of the model."""

    ks: Array
    seconds: Array
    log_stderr: Array
    noise: Noise

    def within(self, budget: float) -> Bought:
        """The K that takes ``budget`` seconds."""
        if len(self.ks) < 2:
            return self._of_one_k(budget)
        line = self._line(budget)
        places = np.geomspace(self.ks[0] / 4, self.ks[-1] * FARTHEST**2, _PLACES)
        half = line.half(places, self.noise) + BEYOND * np.log(np.maximum(places / self.ks[-1], 1.0))
        log_seconds = np.log(line.seconds(places))
        most = np.maximum.accumulate(log_seconds + half)
        least = np.maximum.accumulate(log_seconds - half)  # more samples never take less
        low, high = (
            _meets(places, times, float(np.log(budget)), beyond)
            for times, beyond in ((most, places[-1]), (least, np.inf))
        )
        return Bought(line.k(budget), low, high)

    def _of_one_k(self, budget: float) -> Bought:
        """It is paid for sure or it is not; how time grows with K cannot be seen."""
        first, seconds = float(self.ks[0]), float(self.seconds[0])
        error = self.noise.scale * float(self.log_stderr[0]) ** 2 + self.noise.common
        most = seconds * float(np.exp(reach(np.sqrt(error), self.noise.degrees)))
        return Bought(first if seconds <= budget else 0.0, first if most <= budget else 0.0, np.inf)

    def _line(self, budget: float) -> Line:
        """Of the cells about the K in question, so that a law that bends elsewhere does not matter."""
        times = np.maximum.accumulate(self.seconds)
        near = float(np.exp(np.interp(np.log(budget), np.log(times), np.log(self.ks))))
        used = _cells_about(self.ks, near)
        return fit(self.ks[used], self.seconds[used], self.log_stderr[used])


def within_evaluations(ks: Array, evaluations: Array, budget: float) -> Bought:
    """The K that costs ``budget`` counted evaluations a point; beyond the last K in its proportion."""
    if budget > evaluations[-1]:
        k = float(ks[-1] * budget / evaluations[-1])
        return Bought(k, k, k)
    log_k = np.interp(np.log(budget), np.log(evaluations), np.log(ks), left=-np.inf)
    k = float(np.exp(log_k))
    return Bought(k, k, k)


def _meets(places: Array, times: Array, budget: float, beyond: float) -> float:
    """The last place whose time is within the budget; 0 before the first and ``beyond`` behind the last."""
    paid = int(np.searchsorted(times, budget, side="right"))
    if paid == 0:
        return 0.0
    if paid == len(places):
        return float(beyond)
    share = (budget - times[paid - 1]) / (times[paid] - times[paid - 1])
    return float(places[paid - 1] * (places[paid] / places[paid - 1]) ** share)


def _cells_about(ks: Array, k: float) -> Mask:
    distance = np.abs(np.log(ks / k))
    nearest = np.sort(distance)[: max(FEWEST, int((distance <= np.log(_ABOUT)).sum()))]
    return np.asarray(distance <= nearest[-1])
