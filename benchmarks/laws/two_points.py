"""Exact expectations of a reducer: under a two-point law of the weight they are finite sums."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats

from estimators.base import Reducer


@dataclass(frozen=True)
class TwoPoint:
    """w = high with probability p, else low."""

    low: float
    high: float
    p: float

    @property
    def log_mean(self) -> float:
        return math.log(self.p * self.high + (1 - self.p) * self.low)

    def expectation(self, reducer: Reducer, k: int) -> float:
        """Sum over the number of high weights among k."""
        is_high = torch.arange(k) < torch.arange(k + 1).unsqueeze(-1)
        low, high = torch.tensor([self.low, self.high], dtype=torch.float64).log()
        values = reducer(torch.where(is_high, high, low)).numpy()
        return float(stats.binom.pmf(np.arange(k + 1), k, self.p) @ values)

    def bias(self, reducer: Reducer, k: int) -> float:
        return self.expectation(reducer, k) - self.log_mean
