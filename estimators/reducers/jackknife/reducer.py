"""The jackknife of the importance-weighted bound, of any order, in time linear in K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from evidence_bench.estimators.base import Bound, Expansion
from evidence_bench.estimators.reducers.jackknife.coefficients import Coefficients, coefficients
from evidence_bench.estimators.reducers.jackknife.series import degree_for
from evidence_bench.estimators.reducers.jackknife.summary import ZERO, Summary, set_apart, summaries
from evidence_bench.estimators.reducers.jackknife.sums import jackknife_values
from evidence_bench.estimators.reducers.prefix_sums import increasing, segments
from evidence_bench.estimators.reducers.weights import accepted, enough, refuse_bad
from evidence_bench.models.errors import BadOption

_BLOCK_VALUES = {"cpu": 1 << 17}  # what stays in its cache
_BLOCK_VALUES_ELSEWHERE = 1 << 22
MOST_ORDER = 10


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

    order: int = 1  # m, 1 to 10: the bias is O(K^-(m+1))

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
        return _jackknives(log_w, log_w.shape[-1:], (self.order,), self)[..., 0, 0]


def jackknife_orders(log_w: Tensor, orders: Sequence[int]) -> Tensor:
    """JVI of several orders in one pass: log_w [..., K] gives [..., len(orders)], in nats, float64.

    Column i is ``Jackknife(orders[i])(log_w)`` to rounding, at the cost of the highest order alone; K must
    be above the highest. Errors as there.
    """
    return jackknife_prefixes(log_w, log_w.shape[-1:], orders).squeeze(-2)


def jackknife_prefixes(log_w: Tensor, ks: Sequence[int], orders: Sequence[int]) -> Tensor:
    """JVI of several orders of the first k weights, for several k: log_w [..., K] gives [..., ks, orders].

    In nats, float64, at little more than the cost of the largest k alone. ``ks`` increase up to at most K and
    the first is above the highest order. Errors as for Jackknife, and BadOption for other ks.
    """
    if not orders:
        raise BadOption("jackknife_orders was given no order; give at least one, such as (1,).")
    checked_orders = tuple(_checked_order(m) for m in orders)
    return _jackknives(log_w, ks, checked_orders, Jackknife(max(checked_orders)))


def _jackknives(log_w: Tensor, ks: Sequence[int], orders: tuple[int, ...], reducer: Jackknife) -> Tensor:
    """[..., ks, orders], block of rows by block."""
    log_w = accepted(log_w, reducer.min_k, reducer)
    ks, top = increasing(ks, log_w.shape[-1]), max(orders)
    enough(ks[0], reducer.min_k, reducer)
    rows = log_w[..., : ks[-1]].reshape(-1, ks[-1])
    refuse_bad(rows.detach().amax(-1).reshape(log_w.shape[:-1]))
    constants = [coefficients(k, top, orders) for k in ks]
    budget = _BLOCK_VALUES.get(log_w.device.type, _BLOCK_VALUES_ELSEWHERE)
    blocks = torch.split(rows, max(1, budget // max(ks[-1], len(ks) * _values_a_prefix(top))))
    if len(blocks) > 1 and torch.is_grad_enabled() and log_w.requires_grad:
        # the backward pass computes each block again, so that it holds the intermediates of one only
        values = [checkpoint(_block, one, ks, orders, constants, use_reentrant=False) for one in blocks]
    else:
        values = [_block(one, ks, orders, constants) for one in blocks]
    return torch.cat(values).reshape(*log_w.shape[:-1], len(ks), len(orders))


def _block(
    rows: Tensor, ks: tuple[int, ...], orders: tuple[int, ...], constants: list[Coefficients]
) -> Tensor:
    """[r, ks, orders] for rows [r, K], with the limits put in where at most m weights are not zero."""
    rows, top, others = rows.clamp(min=ZERO), max(orders), None
    if top == 1 and len(ks) == 1:
        largest, scale, others = set_apart(rows, 1)
        each = [Summary(largest, scale, others.sum(-1, keepdim=True))]
    else:
        each = list(summaries(segments(rows, ks), top, degree_for(top)))
    together = Summary(*(torch.stack([getattr(one, f.name) for one in each], 1) for f in fields(Summary)))
    values, nonzero = jackknife_values(together, constants, others)
    m = torch.tensor(orders, device=rows.device)
    # All coefficients of log 0 have the sign (-1)^r: d_r is (-1)^r times a derivative of x^m at x > 0.
    limit = torch.where(nonzero % 2 == 1, torch.inf, -torch.inf).to(values.dtype)
    return torch.where(nonzero <= m, limit, values)


def _values_a_prefix(m: int) -> int:
    """The largest tensor that a prefix needs besides its weights: for subsets, or products of series."""
    degree = degree_for(m)
    return degree * max(1 << m, degree if m > 1 else 0)


def _checked_order(order: int) -> int:
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise BadOption(f"The order of a jackknife is a whole number from 1, not {order!r}; order 0 is IWAE.")
    if order > MOST_ORDER:
        raise BadOption(
            f"The jackknife of order {order} takes {order}^2 x 2^{order} operations a row; "
            f"choose an order of at most {MOST_ORDER}."
        )
    return order
