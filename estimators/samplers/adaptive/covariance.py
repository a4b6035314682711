"""A weighted covariance whose correlations are shrunk by as much as they are noise."""

from __future__ import annotations

import torch
from torch import Tensor


def shrunk_covariance(centred: Tensor, weight: Tensor) -> Tensor:
    """V + keep (S - V) [B, D, D], S = sum_n weight centred centred^T and V its diagonal.

    keep = 1 - sum Var(r_ij) / sum r_ij^2 over i != j, cut to [0, 1], with r the correlations: near 0 where
    they are what so few draws give by chance, near 1 where they are well determined. So one rule serves
    any number of draws and dimensions. centred [B, n, D], weight [B, n]. Source: Schaefer and Strimmer,
    Statistical Applications in Genetics and Molecular Biology 2005.
    """
    full = centred.mT @ (weight[:, :, None] * centred)
    variance = full.diagonal(dim1=-2, dim2=-1)
    keep = _kept_share(full, centred.square() / variance[:, None], weight)
    return torch.lerp(torch.diag_embed(variance), full, keep[:, None, None])


def _kept_share(full: Tensor, squares: Tensor, weight: Tensor) -> Tensor:
    """keep [B]; ``squares`` [B, n, D] are the squared standardised draws.

    Var(r_ij) is sum_n weight^2 (a_i a_j - r_ij)^2 with a the standardised draws; summed over i != j its
    first part is weight^2 ((sum_i a_i^2)^2 - sum_i a_i^4), so no D x D array is made for each draw.
    """
    sd = full.diagonal(dim1=-2, dim2=-1).sqrt()
    correlation = full / (sd[:, :, None] * sd[:, None])
    signal = correlation.square().sum(dim=(-1, -2)) - sd.shape[-1]
    products = squares.sum(dim=-1).square() - squares.square().sum(dim=-1)
    noise = ((products - signal[:, None]) * weight.square()).sum(dim=-1)
    tiny = torch.finfo(full.dtype).tiny
    return ((signal - noise) / signal.clamp(min=tiny)).clamp(0.0, 1.0)
