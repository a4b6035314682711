"""Sums over the first k of K weights, for several k in one pass.

A study asks for the same draws at K = 1, 2, 4, ..; what one reducer after another computes from each prefix
is here computed once. The weights are cut between one k and the next, each segment is centred at its own
largest weight, and the segments are joined: no prefix is measured by a weight that comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.estimators.reducers.weights import accepted, refuse_bad
from evidence_bench.models.errors import BadOption

_BLOCK_VALUES = {"cpu": 1 << 17}  # what stays in its cache
_BLOCK_VALUES_ELSEWHERE = 1 << 24


@dataclass(frozen=True)
class PrefixSums:
    """Of the first k weights, for each k of ``ks``: their number, their level and three sums, [..., n].

    level: the largest log weight in nats, 0 where all weights are zero; it carries no gradient.
    log_sum: sum_i log w_i. total: sum_i v_i and squares: sum_i v_i^2 with v_i = w_i / e^level <= 1.
    """

    ks: tuple[int, ...]
    level: Tensor
    log_sum: Tensor
    total: Tensor
    squares: Tensor

    @property
    def k(self) -> Tensor:
        """The ks [n] in float64."""
        return torch.tensor(self.ks, dtype=self.total.dtype, device=self.total.device)

    def at(self, ks: Sequence[int]) -> PrefixSums:
        """The same of some of its ks."""
        if tuple(ks) == self.ks:
            return self
        columns = [self.ks.index(k) for k in ks]
        tensors = (t[..., columns] for t in (self.level, self.log_sum, self.total, self.squares))
        return PrefixSums(tuple(ks), *tensors)


def prefix_sums(
    log_w: Tensor, ks: Sequence[int] | None = None, reducer: object = "prefix_sums"
) -> PrefixSums:
    """The sums of log_w [..., K] at ``ks``, increasing from 1 to at most K; by default at K alone.

    In float64. Raises BadWeights for NaN and +inf, NotApplicable for no weights, in the name of ``reducer``;
    BadOption for other ks.
    """
    log_w = accepted(log_w, 1, reducer)
    ks = increasing((log_w.shape[-1],) if ks is None else ks, log_w.shape[-1])
    rows = log_w[..., : ks[-1]].reshape(-1, ks[-1])
    size = _BLOCK_VALUES.get(log_w.device.type, _BLOCK_VALUES_ELSEWHERE)
    blocks = [_block(block, ks) for block in torch.split(rows, max(1, size // ks[-1]))]
    shape = (*log_w.shape[:-1], len(ks))
    level, *sums = (torch.cat(part).reshape(shape) for part in zip(*blocks, strict=True))
    refuse_bad(level[..., -1])
    return PrefixSums(ks, level.masked_fill(level == -torch.inf, 0.0), *sums)


def increasing(ks: Sequence[int], most: int) -> tuple[int, ...]:
    """``ks`` as they are, if they increase from 1 to at most ``most``."""
    if not ks or list(ks) != sorted(set(ks)) or ks[0] < 1 or ks[-1] > most:
        raise BadOption(f"{list(ks)} are no prefixes of {most} weights; give increasing k from 1 to {most}.")
    return tuple(ks)


def segments(rows: Tensor, ks: Sequence[int]) -> list[Tensor]:
    """The columns of ``rows`` [r, K] up to the first k, from there to the second, and so on."""
    return [rows[:, start:end] for start, end in zip((0, *ks), ks, strict=False)]


def _block(rows: Tensor, ks: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(level, log_sum, total, squares) [r, n] of rows [r, K]; the level is -inf where all are zero."""
    levels, log_sums, totals, squares = [], [], [], []
    for segment in segments(rows, ks):
        level = segment.detach().amax(-1, keepdim=True)
        v = torch.exp(segment - level.masked_fill(level == -torch.inf, 0.0))
        levels.append(level)
        log_sums.append(segment.sum(-1, keepdim=True))
        totals.append(v.sum(-1, keepdim=True))
        squares.append(v.square().sum(-1, keepdim=True))
    level = torch.cat(levels, -1).cummax(-1).values
    share = _shares(torch.cat(levels, -1), level)
    total = (share * torch.cat(totals, -1).unsqueeze(-2)).sum(-1)
    square = (share.square() * torch.cat(squares, -1).unsqueeze(-2)).sum(-1)
    return level, torch.cat(log_sums, -1).cumsum(-1), total, square


def _shares(of_segment: Tensor, of_prefix: Tensor) -> Tensor:
    """exp(level of segment i - level of prefix j) [r, j, i], 0 for segments after the prefix."""
    safe = of_prefix.masked_fill(of_prefix == -torch.inf, 0.0)
    n = safe.shape[-1]
    later = torch.ones(n, n, dtype=torch.bool, device=safe.device).triu(1)
    difference = of_segment.unsqueeze(-2) - safe.unsqueeze(-1)
    return difference.masked_fill(later, -torch.inf).exp()
