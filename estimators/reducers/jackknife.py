"""The jackknife of the importance-weighted bound, of any order, in time linear in K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from estimators.base import Bound, Expansion
from estimators.reducers.jackknife_coefficients import Coefficients, coefficients
from estimators.reducers.jackknife_series import degree_for
from estimators.reducers.jackknife_sums import ZERO, jackknife_rows
from estimators.reducers.weights import centred
from models.errors import BadOption

_BLOCK_VALUES = {"cpu": 1 << 17}  # what stays in its cache
_BLOCK_VALUES_ELSEWHERE = 1 << 22
MOST_ORDER = 10
_VALUES_A_ROW = 512  # about what a row of few weights needs


@dataclass(frozen=True)
class Jackknife:
    """sum_{j=0..m} c_j Lbar_{K-j}: JVI of order m, c_j = (-1)^j (K-j)^m / ((m-j)! j!).

    Lbar_{K-j} is the mean of IWAE over all ways to leave j of the K weights out. Takes log_w [..., K],
    K >= m + 1, and gives [...], in nats, float64. No subset of the K weights is enumerated: a row costs
    O(K m + m^2 2^m). Rounding grows with the order, relative to max(1, abs value): 1e-15 for m = 1, 1e-13
    for 4, 1e-12 for 6, 1e-10 for 8.
    The weights must be iid. Bias O(K^-(m+1)); no bound, for it can overshoot. With r <= m weights other
    than zero the value is the limit: +inf for odd r, -inf for even r. Differentiable.
    Raises BadOption for an order below 1 or above 10, BadWeights for NaN and +inf, NotApplicable for K <= m.
    Source: Nowozin, Debiasing Evidence Approximations, ICLR 2018.
    """

    order: int = 1

    needs_iid: ClassVar[bool] = True
    symmetric: ClassVar[bool] = True
    bound: ClassVar[Bound] = Bound.NONE
    expansion: ClassVar[Expansion] = Expansion.JACKKNIFE

    def __post_init__(self) -> None:
        _checked_order(self.order)

    @property
    def bias_order(self) -> int:
        return self.order + 1

    @property
    def moments(self) -> int:
        return self.order + 2

    @property
    def min_k(self) -> int:
        return self.order + 1

    def __call__(self, log_w: Tensor) -> Tensor:
        return _jackknives(log_w, (self.order,), self).squeeze(-1)


def jackknife_orders(log_w: Tensor, orders: Sequence[int]) -> Tensor:
    """JVI of several orders in one pass: log_w [..., K] gives [..., len(orders)], in nats, float64.

    Column i is ``Jackknife(orders[i])(log_w)`` to rounding, at the cost of the highest order alone; K must
    be above the highest. Errors as there.
    """
    if not orders:
        raise BadOption("jackknife_orders was given no order; give at least one, such as (1,).")
    checked_orders = tuple(_checked_order(m) for m in orders)
    return _jackknives(log_w, checked_orders, Jackknife(max(checked_orders)))


def _jackknives(log_w: Tensor, orders: tuple[int, ...], reducer: Jackknife) -> Tensor:
    weights = centred(log_w, reducer.min_k, reducer)
    k, top = log_w.shape[-1], max(orders)
    constants = coefficients(k, top, orders)
    rows = weights.log_ratio.reshape(-1, k)
    budget = _BLOCK_VALUES.get(log_w.device.type, _BLOCK_VALUES_ELSEWHERE)
    blocks = torch.split(rows, max(1, budget // max(k, _VALUES_A_ROW, degree_for(top) << top)))
    if len(blocks) > 1 and torch.is_grad_enabled() and log_w.requires_grad:
        # the backward pass computes each block again, so that it holds the intermediates of one only
        values = [checkpoint(_block, one, orders, constants, use_reentrant=False) for one in blocks]
    else:
        values = [_block(one, orders, constants) for one in blocks]
    return torch.cat(values).reshape(*log_w.shape[:-1], len(orders)) + weights.level.unsqueeze(-1)


def _block(rows: Tensor, orders: tuple[int, ...], constants: Coefficients) -> Tensor:
    """[r, orders] for rows [r, K], with the limits put in where at most m weights are not zero."""
    values, nonzero = jackknife_rows(rows.clamp(min=ZERO), max(orders), constants)
    m = torch.tensor(orders, device=rows.device)
    # All coefficients of log 0 have the sign (-1)^r: d_r is (-1)^r times a derivative of x^m at x > 0.
    limit = torch.where(nonzero % 2 == 1, torch.inf, -torch.inf).to(values.dtype)
    return torch.where(nonzero <= m, limit, values)


def _checked_order(order: int) -> int:
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise BadOption(f"The order of a jackknife is a whole number from 1, not {order!r}; order 0 is IWAE.")
    if order > MOST_ORDER:
        raise BadOption(
            f"The jackknife of order {order} takes {order}^2 x 2^{order} operations a row; "
            f"choose an order of at most {MOST_ORDER}."
        )
    return order
