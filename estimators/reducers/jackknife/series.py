"""A polynomial for log(1 - X) on 0 <= X <= 1/2, and its mean over subsets of weights.

X is the share of a sum that a subset of weights takes, and the mean of X^n over subsets needs no
subset: with v_i(t) = exp(t y_i) - 1 and e_l the elementary symmetric polynomials,
mean over |R| = j of exp(t sum_R y) = sum_l C(j, l) e_l(v) / C(n, l), read off as a power series in t.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

_EXTRA_DEGREE = 17  # beyond the exact part; a Chebyshev expansion here gains a factor 5.8 a degree
_TAYLOR_TERMS = 64  # the last is 2^-64


def degree_for(m: int) -> int:
    """Degree at which the polynomial is exact to float64 for a jackknife of order m."""
    return m + _EXTRA_DEGREE


@lru_cache(maxsize=64)
def log_coefficients(m: int) -> np.ndarray:
    """b_1..b_N with log(1 - X) = sum_n b_n X^n on [0, 1/2]; b_n = -1/n exactly for n <= m.

    An order-m jackknife takes m-th differences, which for large K see the first m Taylor coefficients
    alone: those stay exact. The tail is a Taylor polynomial economised by Chebyshev polynomials
    (Lanczos), from the top degree down, in fractions.
    """
    kept = degree_for(m) - m
    tail = [Fraction(-1, m + 1 + i) for i in range(_TAYLOR_TERMS)]
    shifted = _chebyshev(_TAYLOR_TERMS)
    for n in range(_TAYLOR_TERMS - 1, kept - 1, -1):
        scale = tail[n] / shifted[n][n]
        tail = [value - scale * t for value, t in zip(tail[:n], shifted[n][:n], strict=True)]
    return np.array([-1.0 / n for n in range(1, m + 1)] + [float(value) for value in tail])


@lru_cache(maxsize=64)
def moment_coefficients(m: int) -> np.ndarray:
    """n! b_n, n = 1..N: what the mean of log(1 - X) puts on [t^n] of the mean of exp(t X)."""
    return np.array([math.factorial(n) * b for n, b in enumerate(log_coefficients(m).tolist(), start=1)])


@lru_cache(maxsize=64)
def power_series(m: int) -> np.ndarray:
    """[k, n]: coefficient of t^n in (exp(t) - 1)^k, that is k! S(n, k) / n!, k = 1..m, n = 0..N."""
    degree = degree_for(m)
    first = [Fraction(0)] + [Fraction(1, math.factorial(n)) for n in range(1, degree + 1)]
    rows = [first]
    for _ in range(m - 1):
        last = rows[-1]
        rows.append(
            [sum((last[i] * first[n - i] for i in range(n + 1)), Fraction(0)) for n in range(degree + 1)]
        )
    return np.array([[float(value) for value in row] for row in rows])


def elementary(sums: Tensor, m: int) -> Tensor:
    """Power series in t of e_1..e_m of v_i = exp(t y_i) - 1 [r, m, N+1], from the power sums of y [r, N].

    Newton's identities l e_l = sum_k (-1)^(k-1) e_(l-k) p_k(v). What they cancel is harmless here, where
    m weights no smaller than every y_i share the sum that y is divided by.
    """
    powers = torch.as_tensor(power_series(m), device=sums.device)
    p = powers * torch.nn.functional.pad(sums, (1, 0)).unsqueeze(1)
    e = [p[:, 0]]
    for order in range(2, m + 1):
        total = p[:, order - 1] * (-1) ** (order - 1)
        for k in range(1, order):
            total = total + (-1) ** (k - 1) * _product(e[order - k - 1], p[:, k - 1])
        e.append(total / order)
    return torch.stack(e, 1)


def _product(left: Tensor, right: Tensor) -> Tensor:
    """The product of two power series [r, N+1], truncated at the same degree."""
    n = right.shape[-1]
    shifted = torch.nn.functional.pad(right, (n - 1, 0)).unfold(-1, n, 1)
    return (left.flip(-1).unsqueeze(-1) * shifted).sum(1)


def _chebyshev(count: int) -> list[list[int]]:
    """Coefficients of T_n(4X - 1), the Chebyshev polynomials of [0, 1/2], n below ``count``."""
    polynomials = [[1], [-1, 4]]
    while len(polynomials) < count:
        last, before = polynomials[-1], polynomials[-2] + [0, 0]
        down, up = [*last, 0], [0, *last]
        polynomials.append([8 * u - 2 * d - b for u, d, b in zip(up, down, before, strict=True)])
    return polynomials
