"""The jackknife from a summary of the weights: their m largest T, and power sums of the others.

Every subset A of T is taken in turn. With S_A the sum of all weights outside A (a sum of positive terms,
no subtraction), the subsets R to leave out are A joined with at most m - |A| of the other weights, and

  log(S - W_R) = log S_A + log(1 - X),   X = W_(R outside T) / S_A <= 1/2,

for S_A holds as many weights of T, none of them smaller, as R can take from outside. So however much
one weight dominates, what is left is a polynomial in X (series.py), the same for every row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from evidence_bench.estimators.reducers.jackknife.coefficients import Coefficients
from evidence_bench.estimators.reducers.jackknife.series import elementary, moment_coefficients
from evidence_bench.estimators.reducers.jackknife.summary import ZERO, Summary


def jackknife_values(
    of: Summary, constants: Sequence[Coefficients], others: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(JVI [r, n, orders] in nats, number of nonzero weights up to m + 1 [r, n, 1]).

    The summary holds n sets of weights in each row, [r, n, ...], with constants of their own. An order that
    is not below the number of nonzero weights gets a wrong value, but a finite one with a finite gradient:
    there the caller puts the limit. ``others`` [r, s], the weights themselves in the unit of their power
    sums, can be given for n = 1 and m = 1, where there is a closed form that needs the first power only.
    """
    level = of.top[..., :1].detach()
    level = level.masked_fill(level <= ZERO, 0.0)
    top, scale = (of.top - level).flatten(0, 1), (of.scale - level).flatten(0, 1)
    log_rest = torch.log(of.sums[..., :1].flatten(0, 1)) + scale
    log_sums = _sums_without(top, log_rest)
    sizes = _by_size(top.shape[-1], top.device)
    logs = _log_shares_left(top, log_sums) @ sizes
    shares = torch.exp(scale - log_sums)
    parts = _parts(of.sums.flatten(0, 1), shares, sizes) if others is None else _first_part(others, shares)
    whole = log_sums[:, :1].reshape(level.shape) + level
    put = [torch.as_tensor(c, device=top.device) for c in _flat(constants)]
    values = _each(logs, put[0]) + _each(parts.flatten(1), put[1]) + (whole - put[2])
    nonzero = (of.top > ZERO).sum(-1, keepdim=True) + (of.scale > ZERO)
    return values, nonzero


def _each(terms: Tensor, constants: Tensor) -> Tensor:
    """[r, n, orders] from terms [r n, a] under the constants [n, a, orders] of each of the n sets."""
    return torch.einsum("rna,nao->rno", terms.reshape(-1, *constants.shape[:2]), constants)


def _flat(constants: Sequence[Coefficients]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    on_rest = np.stack([c.on_rest for c in constants])
    return (
        np.stack([c.on_log for c in constants]),
        on_rest.reshape(len(on_rest), -1, on_rest.shape[-1]),
        np.stack([c.log_sizes for c in constants]),
    )


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


def _parts(sums: Tensor, shares: Tensor, sizes: Tensor) -> Tensor:
    """[r, a, l]: sum over A of size a of sum_n b_n n! [t^n] e_l of the other weights divided by S_A.

    ``sums`` are their power sums in a unit of which S_A makes 1 / ``shares``.
    """
    top, degree = sizes.shape[-1] - 1, sums.shape[-1]
    series = elementary(sums, top)[:, :, 1:]
    weighted = series * torch.as_tensor(moment_coefficients(top), device=sums.device)
    powers = shares.unsqueeze(1).expand(-1, degree, -1).cumprod(1) @ sizes
    return powers.transpose(1, 2) @ weighted.transpose(1, 2)


def _first_part(others: Tensor, shares: Tensor) -> Tensor:
    """The same for m = 1 in closed form: sum_i log(1 - w_i / S), for A empty."""
    part = torch.log1p(-others * shares[:, :1]).sum(-1)
    return torch.stack([part, torch.zeros_like(part)], -1)
