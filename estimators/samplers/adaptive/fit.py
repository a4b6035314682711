"""One step of a weighted Student-t fit, tempered where few draws carry the weight."""

from __future__ import annotations

import torch
from torch import Tensor

from estimators.samplers.adaptive.covariance import shrunk_covariance
from estimators.samplers.adaptive.student import Student

_BISECTIONS = 14
_LOWEST_POWER = -20.0  # log2 of the strongest tempering
_PREVIOUS_DRAWS = 10.0  # how many draws the previous fit counts for


def fitted(u: Tensor, log_w: Tensor, previous: Student) -> Student:
    """Student-t of the weighted draws u [B, n, D], shrunk towards ``previous``.

    With p the tempered, normalised weights of log_w [B, n] and gamma = (nu + D) / (nu + distance):
    location = sum p gamma u / sum p gamma, scale = sum p gamma (u - location)(u - location)^T with its
    correlations shrunk, both mixed with the previous ones by ess / (ess + 10). A row without a finite
    weight keeps the previous fit. Source: Cappe et al., Statistics and Computing 2008 (M-PMC).
    """
    p, ess = tempered(log_w, 2 * u.shape[-1] + 10)
    gamma = (previous.nu + u.shape[-1]) / (previous.nu + previous.distance(u))
    weight = p * gamma
    mean = torch.einsum("bn,bnd->bd", weight, u) / weight.sum(dim=-1, keepdim=True)
    covariance = shrunk_covariance(u - mean[:, None], weight)
    share = (ess / (ess + _PREVIOUS_DRAWS))[:, None]
    return _mixed(previous, mean, covariance, share)


def _mixed(previous: Student, mean: Tensor, covariance: Tensor, share: Tensor) -> Student:
    """Previous and new moments in shares; the previous fit where the mixture is not positive definite."""
    location = torch.lerp(previous.location, mean, share)
    old = previous.factor @ previous.factor.mT
    factor, info = torch.linalg.cholesky_ex(torch.lerp(old, covariance, share[:, None]))
    usable = (info == 0) & factor.isfinite().all(dim=-1).all(dim=-1) & location.isfinite().all(dim=-1)
    return Student(
        torch.where(usable[:, None], location, previous.location),
        torch.where(usable[:, None, None], factor, previous.factor),
        previous.nu,
    )


def tempered(log_w: Tensor, wanted: float) -> tuple[Tensor, Tensor]:
    """p [B, n] = softmax(beta log_w) and its ESS [B], beta the largest in (0, 1] with ESS >= wanted.

    ``wanted`` is lowered to n / 2. beta is found by a fixed number of bisections of its logarithm, so the
    work is the same whatever the weights. A row without a finite weight gives NaN.
    """
    wanted = min(wanted, log_w.shape[-1] / 2)
    low = torch.full_like(log_w[:, :1], _LOWEST_POWER)
    high = torch.zeros_like(low)
    enough = _ess(torch.softmax(log_w, dim=-1)) >= wanted
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        keep = _ess(torch.softmax(middle.exp2() * log_w, dim=-1)) >= wanted
        low, high = torch.where(keep, middle, low), torch.where(keep, high, middle)
    p = torch.softmax(torch.where(enough, 0.0, low).exp2() * log_w, dim=-1)
    return p, _ess(p).squeeze(-1)


def _ess(p: Tensor) -> Tensor:
    """Effective sample size [B, 1] of normalised weights p [B, n]."""
    return 1 / p.square().sum(dim=-1, keepdim=True)
