"""How weights become a number: pure functions ``log_w [..., K] -> [...]``, in float64."""

from estimators.reducers.delta import Delta
from estimators.reducers.jackknife import Jackknife, jackknife_orders, jackknife_prefixes
from estimators.reducers.log_mean_exp import LogMeanExp
from estimators.reducers.mean import Mean

__all__ = ["Delta", "Jackknife", "LogMeanExp", "Mean", "jackknife_orders", "jackknife_prefixes"]
