"""The constants of the jackknife, combined as exact fractions before anything is rounded.

The weights c_j of the subset averages alternate and grow like (2K)^m / m!, so that summing with them in
floating point loses every digit; their combinations below are of order one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

import numpy as np

_GUARD_DIGITS = 40


@dataclass(frozen=True)
class Coefficients:
    """What each order puts on sums over subsets; the ``top`` largest weights are set apart.

    on_log [a, order]: on log(sum of w outside A), for A a subset of the top with a weights.
    on_rest [a, l, order]: on the part of order l in the other weights (l from 1), for such an A.
    log_sizes [order]: sum_j c_j log(K - j), nats.
    """

    on_log: np.ndarray
    on_rest: np.ndarray
    log_sizes: np.ndarray


def subset_weights(k: int, m: int) -> list[Fraction]:
    """c_j = (-1)^j (K-j)^m / ((m-j)! j!), j = 0..m; they sum to one.

    Source: Sharot, The generalized jackknife, 1976; Nowozin, ICLR 2018.
    """
    return [
        Fraction((-1) ** j * (k - j) ** m, math.factorial(m - j) * math.factorial(j)) for j in range(m + 1)
    ]


@lru_cache(maxsize=1024)
def coefficients(k: int, top: int, orders: tuple[int, ...]) -> Coefficients:
    """The constants for K weights of which the ``top`` >= max(orders) largest are set apart."""
    c = [subset_weights(k, m) for m in orders]
    on_log = [[float(_share(one, k, top, a, 0)) for one in c] for a in range(top + 1)]
    on_rest = [
        [[float(_share(one, k, top, a, l)) for one in c] for l in range(1, top + 1)]  # noqa: E741
        for a in range(top + 1)
    ]
    log_sizes = [_log_sizes(one, k) for one in c]
    return Coefficients(np.array(on_log), np.array(on_rest), np.array(log_sizes))


def _share(c: list[Fraction], k: int, top: int, a: int, part: int) -> Fraction:
    """sum_j c_j C(K - top - part, j - a - part) / C(K, j).

    Of the C(K, j) ways to leave j weights out, the binomial counts those that leave out a given set of
    a weights of the top, no other of the top, and a given set of ``part`` weights of the rest.
    """
    free = k - top - part
    if free < 0:
        return Fraction(0)
    terms = (c[j] * math.comb(free, j - a - part) / math.comb(k, j) for j in range(a + part, len(c)))
    return sum(terms, Fraction(0))


def _log_sizes(c: list[Fraction], k: int) -> float:
    with localcontext() as context:
        context.prec = _GUARD_DIGITS + len(str(k)) * len(c)
        terms = (Decimal(w.numerator) / w.denominator * Decimal(k - j).ln() for j, w in enumerate(c))
        return float(sum(terms, Decimal(0)))
