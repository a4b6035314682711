"""Error against K along the K that one estimator was measured at, between them, and a little beyond.

Between two K log loss is linear in log K. For IWAE on lognormal laws from s2 = .25 to 9 that is off by at
most 1.4% of the RMSE over a gap of 4, 3% over 16 and 6% over 64, and the interval says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.beyond import beyond
from evidence_bench.benchmarks.statistics.curve_point import At, How, log_of, of_loss, slope_weights
from evidence_bench.benchmarks.statistics.losses import Loss

_CHORD = 0.015  # of log loss for each doubling of K between two cells, half-way between them
_SAME = 1e-9


@dataclass(frozen=True)
class Curve:
    """Losses at ascending K; ``order`` of the bias in 1/K, None where the bias does not vanish."""

    ks: tuple[float, ...]
    losses: tuple[Loss, ...]
    order: int | None

    def at(self, k: float) -> At:
        """The loss at ``k``; that of the first K, BELOW, where ``k`` is less."""
        at = self._at(k)
        return replace(at, floor=self._floor(), beyond=at.k > self.ks[-1] * (1 + _SAME))

    def log_losses(self, low: float, high: float) -> Array:
        """log loss at both ends and at the cells between them; outside of what can be followed in a line."""
        places = [low, *(k for k in self.ks if low < k < high), high]
        return np.array([self._log_loss(k) for k in places])

    def _log_loss(self, k: float) -> float:
        at = self._at(k)
        slope = -1.0 if np.isnan(at.slope) else at.slope
        return at.log_loss + slope * float(np.log(k / at.k)) if at.k != k else at.log_loss

    def _at(self, k: float) -> At:
        if k < self.ks[0] * (1 - _SAME):
            return self._measured(0, How.BELOW)
        if k > self.ks[-1] * (1 + _SAME):
            return beyond(self.ks, self.losses, self.order, k)
        right = int(np.searchsorted(self.ks, k * (1 - _SAME)))
        if abs(self.ks[right] / k - 1) <= _SAME:
            return self._measured(right, How.MEASURED)
        return _between(self._measured(right - 1), self._measured(right), k)

    def _measured(self, i: int, how: How = How.BETWEEN) -> At:
        near = [n for n in (i - 1, i, i + 1) if 0 <= n < len(self.ks)]
        logs = np.log([self.losses[n].value for n in near])
        slope = float(slope_weights([self.ks[n] for n in near]) @ logs) if len(near) > 1 else np.nan
        return of_loss(self.ks[i], self.losses[i], how, slope)

    def _floor(self) -> float:
        """log of what stays of the last loss, minus twice its error; no floor where the bias vanishes."""
        return log_of(self.losses[-1].floor) if self.order is None else -np.inf


def _between(a: At, b: At, k: float) -> At:
    gap = float(np.log(b.k / a.k))
    share = float(np.log(k / a.k)) / gap
    return At(
        k,
        How.BETWEEN,
        (1 - share) * a.log_loss + share * b.log_loss,
        np.asarray((1 - share) * a.moves + share * b.moves),
        np.asarray((1 - share) * a.by_reference + share * b.by_reference),
        (b.log_loss - a.log_loss) / gap,
        (1 - share) * a.doubt + share * b.doubt,
        span=_CHORD * gap / float(np.log(2)) * 4 * share * (1 - share),
    )
