"""What the jackknife needs to know of a set of weights, such that two sets can be joined.

The m largest weights are kept as they are, the others by their power sums in the unit of the largest of
them. The summary of the first k of K weights is that of the first segment joined with the next ones, so
that all k of a study cost little more than the largest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.estimators.reducers.power_sums import power_sums

ZERO = -1e300  # log of a weight of zero in here: exp of it is 0 and, unlike -inf, it subtracts from itself


@dataclass(frozen=True)
class Summary:
    """Of a set of weights in each row: its m largest, and sum_i (w_i / e^scale)^n of the others.

    top [r, m]: log weights, the largest first, padded with ZERO where there are fewer. scale [r, 1]: the
    largest log weight of the others, ZERO if there are none; it carries no gradient. sums [r, N]: n = 1..N.
    """

    top: Tensor
    scale: Tensor
    sums: Tensor


def set_apart(log_w: Tensor, m: int) -> tuple[Tensor, Tensor, Tensor]:
    """(top [r, m], scale [r, 1], the other weights by e^scale [r, s]) of log_w [r, s], no value below ZERO.

    The m largest are zero among the others.
    """
    rows, size = log_w.shape
    if size <= m:
        top = torch.cat([log_w.sort(-1, descending=True).values, log_w.new_full((rows, m - size), ZERO)], -1)
        return top, log_w.new_full((rows, 1), ZERO), torch.zeros_like(log_w)
    largest = log_w.topk(m + 1, dim=-1)
    scale = largest.values[:, m:].detach()
    rest = log_w.scatter(-1, largest.indices[:, :m], ZERO)
    return largest.values[:, :m], scale, torch.exp(rest - scale)


def summary(log_w: Tensor, m: int, degree: int) -> Summary:
    """The summary of log_w [r, s], no value below ZERO, with power sums up to ``degree``."""
    top, scale, others = set_apart(log_w, m)
    return Summary(top, scale, power_sums(others, degree))


def joined(a: Summary, b: Summary) -> Summary:
    """The summary of the union of two sets."""
    m, degree = a.top.shape[-1], a.sums.shape[-1]
    both = torch.cat([a.top, b.top], -1).sort(-1, descending=True).values
    left = both[:, m:]
    scale = torch.maximum(torch.maximum(a.scale, b.scale), left[:, :1].detach())
    sums = _in_unit(a, scale) + _in_unit(b, scale) + power_sums(torch.exp(left - scale), degree)
    return Summary(both[:, :m], scale, sums)


def summaries(segments: list[Tensor], m: int, degree: int) -> Iterator[Summary]:
    """That of the first segment, of the first two, and so on; each segment is log_w [r, s]."""
    so_far = None
    for segment in segments:
        one = summary(segment, m, degree)
        so_far = one if so_far is None else joined(so_far, one)
        yield so_far


def _in_unit(of: Summary, scale: Tensor) -> Tensor:
    """Its power sums in the unit of a scale that is not below its own."""
    return of.sums * torch.exp(of.scale - scale).expand_as(of.sums).cumprod(-1)
