"""The jackknife of a block of rows, in time linear in K.

The m largest weights T are set apart and every subset A of T is taken in turn. With S_A the sum of all
weights outside A (a sum of positive terms, no subtraction), the subsets R to leave out are A joined with
at most m - |A| of the other weights, and

  log(S - W_R) = log S_A + log(1 - X),   X = W_(R outside T) / S_A <= 1/2,

for S_A holds as many weights of T, none of them smaller, as R can take from outside. So however much
one weight dominates, what is left is a polynomial in X (jackknife_series.py), the same for every row.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from estimators.reducers.jackknife_coefficients import Coefficients
from estimators.reducers.jackknife_series import degree_for, elementary, moment_coefficients, power_sums

ZERO = -1e300  # log of a weight of zero in here: exp of it is 0 and, unlike -inf, it subtracts from itself


def jackknife_rows(log_ratio: Tensor, top: int, constants: Coefficients) -> tuple[Tensor, Tensor]:
    """(JVI [r, orders] in nats, number of nonzero weights up to m + 1 [r, 1]) for log_ratio [r, K] <= 0.

    A weight of zero is given as ZERO. An order that is not below the number of other weights gets a wrong
    value, but a finite one with a finite gradient: there the caller puts the limit.
    """
    largest = log_ratio.topk(top + 1, dim=-1)
    rest = log_ratio.scatter(-1, largest.indices[:, :top], ZERO)
    scale = largest.values[:, top:].detach()
    y = torch.exp(rest - scale)
    log_rest = torch.log(y.sum(-1, keepdim=True)) + scale
    log_sums = _sums_without(largest.values[:, :top], log_rest)
    shares = torch.exp(scale - log_sums)
    sizes = _by_size(top, log_ratio.device)
    constant = [torch.as_tensor(c, device=log_ratio.device) for c in _flat(constants)]
    whole = log_sums[:, :1]
    logs = whole + (_log_shares_left(largest.values[:, :top], log_sums) @ sizes) @ constant[0]
    parts = _first_part(y, shares) if top == 1 else _parts(y, shares, sizes)
    nonzero = (largest.values > ZERO).sum(-1, keepdim=True)
    return logs + parts.flatten(1) @ constant[1] - constant[2], nonzero


def _flat(constants: Coefficients) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    orders = constants.on_log.shape[-1]
    return constants.on_log, constants.on_rest.reshape(-1, orders), constants.log_sizes


def _sums_without(largest: Tensor, log_rest: Tensor) -> Tensor:
    """log S_A [r, 2^m] for every subset A of the m largest; bit i of its place says that A holds the i-th."""
    log_sums = log_rest
    for i in range(largest.shape[-1]):
        log_sums = torch.cat([torch.logaddexp(log_sums, largest[:, i : i + 1]), log_sums], -1)
    return log_sums


def _log_shares_left(largest: Tensor, log_sums: Tensor) -> Tensor:
    """log(S_A / S) [r, 2^m], from the share that A takes where this is the smaller one.

    Alternating constants of order C(2m, m) are put on these: a difference of two logs would keep the
    rounding of log S in each of them.
    """
    taken = torch.zeros_like(log_sums[:, :1])
    for i in range(largest.shape[-1]):
        share = torch.exp(largest[:, i : i + 1] - log_sums[:, :1])
        taken = torch.cat([taken, taken + share], -1)
    return torch.where(taken < 0.5, torch.log1p(-taken.clamp(max=0.5)), log_sums - log_sums[:, :1])


def _by_size(top: int, device: torch.device) -> Tensor:
    """[2^m, m+1]: one where subset A has a members."""
    members = torch.tensor([place.bit_count() for place in range(2**top)], device=device)
    return torch.nn.functional.one_hot(members, top + 1).to(torch.float64)


def _parts(y: Tensor, shares: Tensor, sizes: Tensor) -> Tensor:
    """[r, a, l]: sum over A of size a of sum_n b_n n! [t^n] e_l of the weights y / S_A."""
    top = sizes.shape[-1] - 1
    degree = degree_for(top)
    series = elementary(power_sums(y, degree), top)[:, :, 1:]
    weighted = series * torch.as_tensor(moment_coefficients(top), device=y.device)
    powers = shares.unsqueeze(1).expand(-1, degree, -1).cumprod(1) @ sizes
    return powers.transpose(1, 2) @ weighted.transpose(1, 2)


def _first_part(y: Tensor, shares: Tensor) -> Tensor:
    """The same for m = 1 in closed form: sum_i log(1 - y_i / S), for A empty."""
    part = torch.log1p(-y * shares[:, :1]).sum(-1)
    return torch.stack([part, torch.zeros_like(part)], -1)
