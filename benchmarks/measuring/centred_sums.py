"""Power sums of weights about a level of their own: what c2, c3 and their errors are made of."""

from __future__ import annotations

from copy import copy
from math import comb, log

import numpy as np
import torch
from torch import Tensor

from evidence_bench.estimators.reducers.power_sums import power_sums

POWERS = 6  # the error of c3 needs the sixth moment
_HIGHEST = 50.0  # nats above the unit: its sixth power is far from overflow
_VALUES_AT_ONCE = 1 << 16  # what stays in a processor's cache
_EQUAL = 1e-28  # c2 of weights that differ by rounding alone


class CentredSums:
    """sum (w/u - 1)^j [7, rows], j = 0..6, over the weights of each row added so far, and log u [rows].

    The unit u is the mean of the first weights, and the largest one where later ones lie e^50 above it: never
    p(x), from which the weights that were drawn may be hundreds of nats away. -inf is a legal log weight.
    """

    def __init__(self, log_w: Tensor) -> None:
        """Of the weights log_w [rows, n]."""
        self.log_unit = torch.logsumexp(log_w, -1) - log(log_w.shape[-1])
        self.sums = log_w.new_zeros(POWERS + 1, len(log_w))
        self.add(log_w)

    def add(self, log_w: Tensor) -> None:
        """More weights [rows, n] of the same rows."""
        peak = log_w.amax(-1)
        self._move(torch.where(peak > self.log_unit + _HIGHEST, peak, self.log_unit))
        unit = torch.where(self.log_unit.isfinite(), self.log_unit, 0.0)[:, None]
        for part in torch.split(log_w, max(1, _VALUES_AT_ONCE // len(log_w)), dim=-1):
            self.sums[1:] += power_sums((part - unit).expm1_(), POWERS).T
        self.sums[0] += log_w.shape[-1]

    def and_also(self, other: CentredSums) -> CentredSums:
        """The sums of both, as if all had been added to one."""
        both, moved = copy(self), copy(other)
        unit = torch.maximum(self.log_unit, other.log_unit)
        both._move(unit)
        moved._move(unit)
        both.sums = both.sums + moved.sums
        return both

    def moments(self) -> np.ndarray:
        """[4, rows]: c2, its error, c3, its error; see ``relative_moments``."""
        n = int(self.sums[0, 0])
        return relative_moments((self.sums[1:] / n).cpu().numpy(), n)

    def _move(self, log_unit: Tensor) -> None:
        """To a unit that is at least as large: w/u' - 1 = a (w/u - 1) + (a - 1), a = u/u'."""
        step = torch.where(log_unit == self.log_unit, 0.0, self.log_unit - log_unit)
        a, less = step.exp(), step.expm1()
        old = self.sums
        self.sums = torch.stack(
            [
                sum((comb(j, i) * a**i * less ** (j - i) * old[i] for i in range(j + 1)), torch.zeros_like(a))
                for j in range(POWERS + 1)
            ]
        )
        self.log_unit = log_unit


def relative_moments(raw: np.ndarray, n: int) -> np.ndarray:
    """c_i = mean (w - wbar)^i / wbar^i for i = 2, 3 with standard errors: [4, B] as (c2, se, c3, se).

    ``raw`` [6, B]: mean (w/unit - 1)^j for j = 1..6, over n draws. The errors come from the influence
    functions of the two ratios, (w/p - 1)^2 - c2 - 2 c2 (w/p - 1) and its like, and suppose that the
    moments they need (the fourth and the sixth) exist. Weights that are all zero give NaN, and so do the
    errors where all weights are equal: what makes them differ was not met.
    """
    with np.errstate(all="ignore"):
        mean = 1 + raw[0]
        about = [np.ones_like(mean), *raw]
        c = [sum(comb(j, i) * about[i] * (-raw[0]) ** (j - i) for i in range(j + 1)) for j in range(7)]
        c2, c3, c4, c6 = (c[j] / mean**j for j in (2, 3, 4, 6))
        slope = 3 * (c2 + c3)
        of_c2 = c4 - c2**2 - 4 * c2 * c3 + 4 * c2**3
        of_c3 = c6 - c3**2 - 2 * slope * c4 + slope**2 * c2
        seen = np.where(c2 > _EQUAL, 1.0, np.nan)
        return np.stack([c2, seen * np.sqrt(of_c2.clip(0) / n), c3, seen * np.sqrt(of_c3.clip(0) / n)])
