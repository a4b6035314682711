"""Each reducer on weights that are already drawn."""

from __future__ import annotations

from torch.utils.benchmark import timer

from estimators.base import Reducer
from estimators.reducers import Delta, Jackknife, LogMeanExp, Mean

from .setting import DEVICES, require, weights

VALUES = 320_000
REDUCERS: dict[str, Reducer] = {
    "mean": Mean(),
    "log-mean-exp": LogMeanExp(),
    "delta": Delta(),
    "jackknife": Jackknife(),
    "jackknife-3": Jackknife(order=3),
}


class Reduce:
    """log_w [320000 / K, K]."""

    params = [list(REDUCERS), [64, 5000], DEVICES]
    param_names = ["reducer", "K", "device"]
    timer = staticmethod(timer)
    version = "1"
    repeat = (8, 20, 20.0)

    def setup(self, reducer: str, k: int, device: str) -> None:
        require(device)
        self.log_w = weights(VALUES // k, k, device)

    def time_reduce(self, reducer: str, k: int, device: str) -> None:
        REDUCERS[reducer](self.log_w)

    def track_peak_bytes(self, reducer: str, k: int, device: str) -> int:
        from benchmarks.memory import peak_bytes

        return peak_bytes(lambda: REDUCERS[reducer](self.log_w), self.log_w.device)

    track_peak_bytes.unit = "bytes"  # type: ignore[attr-defined]
