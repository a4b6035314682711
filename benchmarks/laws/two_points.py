"""Exact expectations of a reducer: under a two-point law of the weight they are finite sums."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from evidence_bench.estimators.base import Reducer

_ORDERS = 50  # of the weights of a row, where their order matters


@dataclass(frozen=True)
class Expected:
    """Mean and variance of a reducer's value; ``stderr`` of the mean is 0 where it is exact."""

    mean: float
    variance: float
    stderr: float = 0.0


@dataclass(frozen=True)
class TwoPoint:
    """w = high with probability p, else low."""

    low: float
    high: float
    p: float

    def __str__(self) -> str:
        return f"w = {self.high:g} with probability {self.p:g}, else {self.low:g}"

    @property
    def log_mean(self) -> float:
        """log E w."""
        return math.log(self.p * self.high + (1 - self.p) * self.low)

    def c(self, i: int) -> float:
        """E (w - E w)^i / (E w)^i."""
        mean = math.exp(self.log_mean)
        high, low = (self.high / mean - 1) ** i, (self.low / mean - 1) ** i
        return self.p * high + (1 - self.p) * low

    def expectation(self, reducer: Reducer, k: int) -> float:
        """Of a symmetric reducer: the sum over the number of high weights among k."""
        return self.expected(reducer, k).mean

    def bias(self, reducer: Reducer, k: int) -> float:
        """Its expectation less log E w."""
        return self.expectation(reducer, k) - self.log_mean

    def expected(self, reducer: Reducer, k: int, *, symmetric: bool = True, repeats: int = 1) -> Expected:
        """Of a reducer of k weights, of which each is there ``repeats`` times in a row.

        Where the order of the weights matters, each number of high ones is averaged over 50 orders by
        chance, which is all the error that there is.
        """
        draws = k // repeats
        values = self._values(reducer, draws, 1 if symmetric else _ORDERS, repeats)
        chance = stats.binom.pmf(np.arange(draws + 1), draws, self.p)
        used = chance > 0  # an infinite value that never comes is not one
        means, of_order = values[used].mean(axis=1), values[used].var(axis=1)
        mean = float(chance[used] @ means)
        variance = float(chance[used] @ (means**2 + of_order)) - mean**2
        stderr = float(np.sqrt(chance[used] ** 2 @ of_order / max(1, values.shape[1] - 1)))
        return Expected(mean, variance, stderr)

    def _values(self, reducer: Reducer, draws: int, orders: int, repeats: int) -> NDArray[np.float64]:
        """[draws + 1, orders]: the value for each number of high weights and each order of them."""
        low, high = torch.tensor([self.low, self.high], dtype=torch.float64).log()
        rows = torch.where(_high(draws, orders), high, low)
        with torch.no_grad():
            values = reducer(rows.repeat_interleave(repeats, dim=-1).flatten(0, 1))
        found: NDArray[np.float64] = values.double().reshape(draws + 1, orders).numpy()
        return found


def _high(draws: int, orders: int) -> Tensor:
    """[draws + 1, orders, draws]: which weights are the high ones; in the first order they come first."""
    is_high = torch.arange(draws) < torch.arange(draws + 1)[:, None, None]
    if orders == 1:
        return is_high
    chance = torch.rand(draws + 1, orders, draws, generator=torch.Generator().manual_seed(17))
    return is_high.expand(-1, orders, -1).gather(-1, chance.argsort(-1))
