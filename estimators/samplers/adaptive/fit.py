"""One step of a weighted Student-t fit, tempered where few draws carry the weight."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.estimators.samplers.adaptive.covariance import shrunk_covariance
from evidence_bench.estimators.samplers.adaptive.student import Student

_BISECTIONS = 14
_LOG2_E = math.log2(math.e)
_LOWEST_POWER = -20.0  # log2 of the strongest tempering
_PREVIOUS_DRAWS = 10.0  # how many draws the previous fit counts for


def fitted(u: Tensor, log_w: Tensor, distance: Tensor, previous: Student) -> Student:
    """Student-t of the weighted draws u [B, D, n], shrunk towards ``previous``.

    With p the tempered, normalised weights of log_w [B, n] and gamma = (nu + D) / (nu + distance), where
    distance [B, n] is the squared Mahalanobis distance of u from ``previous``:
    location = sum p gamma u / sum p gamma, scale = sum p gamma (u - location)(u - location)^T with its
    correlations shrunk, both mixed with the previous ones by ess / (ess + 10). A row without a finite
    weight keeps the previous fit. Sums over draws are taken in the dtype of u, all else in float64: a fit
    enters no weight but through the density of the next round, which is exact whatever the fit.
    Source: Cappe et al., Statistics and Computing 2008 (M-PMC).
    """
    d = u.shape[1]
    p, ess = tempered((log_w - log_w.amax(dim=-1, keepdim=True)).to(u.dtype), 2 * d + 10)
    # Weights too small to count are zero: products with denormal numbers take many times as long.
    p = torch.threshold(p, torch.finfo(p.dtype).eps ** 2, 0.0)
    weight = p * ((previous.nu + d) / (previous.nu + distance)).to(u.dtype)
    mean = torch.bmm(u, weight[:, :, None]) / weight.sum(dim=-1)[:, None, None]
    covariance = shrunk_covariance(u, mean, weight)
    share = (ess / (ess + _PREVIOUS_DRAWS)).double()[:, None]
    return _mixed(previous, mean[:, :, 0].double(), covariance, share)


def _mixed(previous: Student, mean: Tensor, covariance: Tensor, share: Tensor) -> Student:
    """Previous and new moments in shares; the previous fit where the mixture is not positive definite."""
    location = torch.lerp(previous.location, mean, share)
    old = previous.factor @ previous.factor.mT
    factor, info = torch.linalg.cholesky_ex(torch.lerp(old, covariance, share[:, None]))
    # Every entry of a row of the factor enters its diagonal, so the diagonal is finite only if all are.
    finite = factor.diagonal(dim1=-2, dim2=-1).isfinite() & location.isfinite()
    usable = (info == 0) & finite.all(dim=-1)
    return Student(
        torch.where(usable[:, None], location, previous.location),
        torch.where(usable[:, None, None], factor, previous.factor),
        previous.nu,
    )


def tempered(log_w: Tensor, wanted: float) -> tuple[Tensor, Tensor]:
    """p [B, n] = softmax(beta log_w) and its ESS [B], beta the largest in (0, 1] with ESS >= wanted.

    ``wanted`` is lowered to n / 2. The largest log_w of a row must be 0. beta is found by a fixed number
    of bisections of its logarithm, so the work is the same whatever the weights. A row without a finite
    weight gives NaN.
    """
    root = math.sqrt(min(wanted, log_w.shape[-1] / 2))
    log2_w = log_w * _LOG2_E
    beta = torch.full_like(log_w[:, :1], 2**_LOWEST_POWER)
    for i in range(1, _BISECTIONS + 1):
        beta = _raised(beta, beta * 2 ** (-_LOWEST_POWER * 0.5**i), log2_w, root)
    beta = _raised(beta, torch.ones_like(beta), log2_w, root)
    p = torch.softmax(beta * log_w, dim=-1)
    return p, 1 / torch.linalg.vector_norm(p, dim=-1).square()


def _raised(beta: Tensor, trial: Tensor, log2_w: Tensor, root: float) -> Tensor:
    """``trial`` in the rows whose ESS = (sum w^trial)^2 / sum w^(2 trial) reaches root^2, else beta."""
    w = (trial * log2_w).exp2_()
    enough = w.sum(dim=-1, keepdim=True) >= root * torch.linalg.vector_norm(w, dim=-1, keepdim=True)
    return torch.where(enough, trial, beta)
