"""Pareto k-hat: the tail index of the weights, which says how many of their moments exist."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.estimators.reducers.weights import accepted, refuse_bad

FEWEST_TAIL_DRAWS = 5
_PRIOR_DRAWS, _PRIOR_K = 10, 0.5  # the fitted k is drawn towards 1/2 as if by ten more tail draws
_EQUAL = 1e-12  # log weights closer than this, relative to max(1, abs), differ by rounding alone


def pareto_k(log_w: Tensor) -> Tensor:
    """Shape k of a generalised Pareto fit to the largest weights, [..., K] -> [...], float64.

    The tail is the ceil(min(K/5, 3 sqrt(K))) largest weights, less the largest weight below them. k < 1/2:
    the variance of w is finite; k > 0.7: an estimate from these weights is unreliable. NaN where fewer
    than 5 weights lie above that threshold: K below 21 (no weights at all too), weights that are all equal,
    all zero, or zero but for a few. +inf where the tail spans more than float64 does. Weights of zero (-inf)
    count as draws. Raises BadWeights for NaN, +inf and a tensor that is no array of floating-point rows.
    Sources: Vehtari et al., JMLR 2024 (PSIS); Zhang and Stephens, Technometrics 2009 (the fit).
    """
    log_w = accepted(log_w, 0, "pareto_k")
    if log_w.shape[-1]:
        refuse_bad(log_w.detach().amax(-1))
    size = tail_size(log_w.shape[-1])
    if size < FEWEST_TAIL_DRAWS:
        return log_w.new_full(log_w.shape[:-1], math.nan)
    return khat_of_tail(log_w.topk(size + 1, dim=-1, sorted=True).values)


def khat_of_tail(largest: Tensor) -> Tensor:
    """k-hat from the tail_size(K) + 1 largest of K log weights [..., M + 1], in descending order."""
    ascending = largest.flip(-1)  # the threshold first
    return _fit(*_exceedances(ascending[..., 1:], ascending[..., :1]))


def tail_size(k: int) -> int:
    """ceil(min(K/5, 3 sqrt(K))), the number of draws that the fit uses."""
    return math.ceil(min(k / 5, 3 * math.sqrt(k)))


def _exceedances(tail: Tensor, threshold: Tensor) -> tuple[Tensor, Tensor]:
    """Exceedances w - threshold [..., M], ascending, and which are above zero by more than rounding.

    Their unit is the first quartile of those above zero: the shape does not depend on the unit, and that one
    keeps the quartile, which sets the scale of the fit, from underflowing.
    """
    rounding = _EQUAL * tail.abs().clamp(min=1.0)
    above = (tail > threshold) & ~(tail - threshold <= rounding)
    log_excess = tail + torch.log(-torch.expm1(torch.where(above, threshold - tail, -1.0)))
    unit = log_excess.gather(-1, _quartile_index(above))
    return torch.where(above, (log_excess - unit).exp(), 0.0), above


def _quartile_index(above: Tensor) -> Tensor:
    """Index [..., 1] of the first quartile of the draws above the threshold, which are the last ones."""
    m = above.shape[-1]
    count = above.sum(dim=-1, keepdim=True)
    return (m - count + (count / 4 + 0.5).floor().long() - 1).clamp(0, m - 1)


def _fit(x: Tensor, above: Tensor) -> Tensor:
    """Zhang and Stephens' estimate of k from exceedances x [..., M] of which those ``above`` count.

    theta = -k / sigma on a grid, weighted by its profile likelihood; k at the mean theta, drawn towards 1/2.
    """
    count = above.sum(dim=-1, keepdim=True)
    theta = _grid(x)
    k = _shape(x, theta, count)
    weight = torch.softmax(count * ((-theta / k).log() - k - 1), dim=-1)
    raw = _shape(x, (weight * theta).sum(dim=-1, keepdim=True), count)
    drawn = (count * raw + _PRIOR_DRAWS * _PRIOR_K) / (count + _PRIOR_DRAWS)
    drawn = torch.where(x[..., -1:].isfinite(), drawn, math.inf)
    return torch.where(count >= FEWEST_TAIL_DRAWS, drawn, math.nan)[..., 0]


def _grid(x: Tensor) -> Tensor:
    """theta_j [..., G] = 1 / max x + (1 - sqrt(G / (j - 1/2))) / 3 in the unit of the first quartile."""
    size = 30 + math.isqrt(x.shape[-1])
    j = torch.arange(1, size + 1, dtype=x.dtype, device=x.device)
    return 1 / x[..., -1:] + (1 - (size / (j - 0.5)).sqrt()) / 3


def _shape(x: Tensor, theta: Tensor, count: Tensor) -> Tensor:
    """k(theta) = mean log(1 - theta x), [..., G]; one grid point at a time, for [..., G, M] is large."""
    columns = [torch.log1p(-t * x).sum(dim=-1, keepdim=True) for t in torch.split(theta, 1, dim=-1)]
    return torch.cat(columns, dim=-1) / count
