"""Reducers on weights that are already drawn: what they add to a study after the drawing."""

from __future__ import annotations

from evidence_bench.estimators.base import Reducer
from evidence_bench.estimators.reducers import Delta, Jackknife, LogMeanExp, Mean

from .setting import DEVICES, Timed, require, weights

LINEAR: tuple[Reducer, ...] = (Mean(), LogMeanExp(), Delta(), Jackknife())
CASES: dict[str, tuple[int, int, tuple[Reducer, ...]]] = {
    "mean, log-mean-exp, delta, jackknife; K=5000": (64, 5000, LINEAR),
    "jackknife-5; K=5000": (64, 5000, (Jackknife(order=5),)),
    "jackknife-5; K=64": (1000, 64, (Jackknife(order=5),)),
}


class Reduce(Timed):
    """log_w of 64 rows (1000 at K = 64), each reducer of the case in turn."""

    params = [list(CASES), DEVICES]
    param_names = ["case", "device"]

    def setup(self, case: str, device: str) -> None:
        require(device)
        rows, k, self.reducers = CASES[case]
        self.log_w = weights(rows, k, device)

    def time_reduce(self, case: str, device: str) -> None:
        for reducer in self.reducers:
            reducer(self.log_w)
