"""A weighted covariance whose correlations are shrunk by as much as they are noise."""

from __future__ import annotations

import torch
from torch import Tensor


def shrunk_covariance(u: Tensor, mean: Tensor, weight: Tensor) -> Tensor:
    """V + keep (S - V) [B, D, D], S = sum_n weight (u - mean)(u - mean)^T and V its diagonal; float64.

    keep = 1 - sum Var(r_ij) / sum r_ij^2 over i != j, cut to [0, 1], with r the correlations: near 0 where
    they are what so few draws give by chance, near 1 where they are well determined. So one rule serves
    any number of draws and dimensions. u [B, D, n], mean [B, D, 1], weight [B, n], of any dtype. Source:
    Schaefer and Strimmer, Statistical Applications in Genetics and Molecular Biology 2005.
    """
    rooted = (u - mean).mul_(weight.sqrt()[:, None])
    full = torch.bmm(rooted, rooted.mT).double()
    keep = _kept_share(full, rooted.square_(), weight)
    return torch.lerp(torch.diag_embed(full.diagonal(dim1=-2, dim2=-1)), full, keep[:, None, None])


def _kept_share(full: Tensor, squares: Tensor, weight: Tensor) -> Tensor:
    """keep [B]; ``squares`` [B, D, n] are weight (u - mean)^2.

    Var(r_ij) is sum_n weight^2 (a_i a_j - r_ij)^2 with a the standardised draws; summed over i != j its
    first part is sum_n (sum_i weight a_i^2)^2 - sum_ni (weight a_i^2)^2, so no D x D array is made for
    each draw.
    """
    variance = full.diagonal(dim1=-2, dim2=-1)
    inverse = 1 / variance
    # Of the correlations off the diagonal.
    signal = (torch.bmm(full.square(), inverse[:, :, None])[:, :, 0] * inverse).sum(-1) - variance.shape[-1]
    together = torch.bmm(inverse.to(squares.dtype)[:, None], squares)[:, 0]
    alone = _sum_of_squares(squares) * inverse.square()
    noise = _sum_of_squares(together) - alone.sum(dim=-1) - signal * _sum_of_squares(weight)
    tiny = torch.finfo(full.dtype).tiny
    return ((signal - noise) / signal.clamp(min=tiny)).clamp(0.0, 1.0)


def _sum_of_squares(values: Tensor) -> Tensor:
    """Over the last axis, in float64."""
    total: Tensor = torch.linalg.vector_norm(values, dim=-1).double().square()
    return total
