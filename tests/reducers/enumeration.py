"""The jackknife by its definition: every subset, in high precision and in float64."""

from __future__ import annotations

import itertools
import math
from functools import cache

import mpmath
import torch
from mpmath import mpf
from torch import Tensor

DIGITS = 50


def weight_of(j: int, k: int, m: int) -> mpf:
    """c_j = (-1)^j (K-j)^m / ((m-j)! j!)."""
    return mpf((-1) ** j * (k - j) ** m) / (math.factorial(m - j) * math.factorial(j))


def subset_means(log_w: Tensor, m: int) -> list[mpf]:
    """Lbar_{K-j}, j = 0..m: mean over all subsets of K - j weights of log(their mean), 50 digits."""
    with mpmath.workdps(DIGITS):
        w = [mpmath.exp(mpf(value)) for value in log_w.tolist()]
        return [_mean_log(w, len(w) - j) for j in range(m + 1)]


def combine(means: list[mpf], k: int, m: int) -> float:
    """JVI of order m from its subset means."""
    with mpmath.workdps(DIGITS):
        return float(mpmath.fsum(weight_of(j, k, m) * means[j] for j in range(m + 1)))


def two_valued(k: int, many: int, low: float, m: int) -> float:
    """JVI of ``many`` weights 1 and k - many weights exp(low), any k: the subsets are counted.

    Of the subsets of j weights, C(many, i) C(k - many, j - i) leave out i ones.
    """
    with mpmath.workdps(DIGITS + 10 * m):
        small = mpmath.exp(mpf(low))
        means = []
        for j in range(m + 1):
            ones = range(max(0, j - k + many), min(j, many) + 1)
            counts = [math.comb(many, i) * math.comb(k - many, j - i) for i in ones]
            logs = [mpmath.log((many - i + (k - many - j + i) * small) / (k - j)) for i in ones]
            means.append(mpmath.fdot(counts, logs) / math.comb(k, j))
        return float(mpmath.fsum(weight_of(j, k, m) * means[j] for j in range(m + 1)))


def enumerated(log_w: Tensor, m: int) -> Tensor:
    """JVI of order m by enumeration in float64, differentiable: log_w [..., K] gives [...]."""
    k = log_w.shape[-1]
    total = torch.zeros(log_w.shape[:-1], dtype=torch.float64)
    for j in range(m + 1):
        left_out = _subsets(k, j)
        means = torch.logsumexp(log_w.unsqueeze(-2).masked_fill(left_out, -torch.inf), -1) - math.log(k - j)
        total = total + float(weight_of(j, k, m)) * means.mean(-1)
    return total


@cache
def _subsets(k: int, j: int) -> Tensor:
    """[C(k, j), k]: true where the subset holds the weight."""
    places = torch.tensor(list(itertools.combinations(range(k), j)), dtype=torch.int64)
    return torch.zeros(len(places), k, dtype=torch.bool).scatter(1, places, True)


def _mean_log(w: list[mpf], size: int) -> mpf:
    logs = [mpmath.log(mpmath.fsum(kept) / size) for kept in itertools.combinations(w, size)]
    return mpmath.fsum(logs) / len(logs)
