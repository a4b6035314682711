"""How weights become a number: pure functions ``log_w [..., K] -> [...]``, in float64."""

from evidence_bench.estimators.reducers.delta import Delta
from evidence_bench.estimators.reducers.jackknife.reducer import (
    Jackknife,
    jackknife_orders,
    jackknife_prefixes,
)
from evidence_bench.estimators.reducers.log_mean_exp import LogMeanExp
from evidence_bench.estimators.reducers.mean import Mean

__all__ = ["Delta", "Jackknife", "LogMeanExp", "Mean", "jackknife_orders", "jackknife_prefixes"]
