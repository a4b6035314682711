"""The standard multivariate Student-t: its noise and its density."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.models.randomness import Generator, standard_gamma


def log_student(distance: Tensor, d: int, nu: float) -> Tensor:
    """log density of the standard D-dimensional Student-t at squared length ``distance``, in nats."""
    return student_constant(d, nu) - 0.5 * (nu + d) * torch.log1p(distance / nu)


def student_constant(d: int, nu: float) -> float:
    """log density of the standard D-dimensional Student-t at its centre, in nats."""
    return math.lgamma((nu + d) / 2) - math.lgamma(nu / 2) - 0.5 * d * math.log(nu * math.pi)


def student_noise(normal: Tensor, nu: float, generator: Generator) -> Tensor:
    """Standard Student-t noise [B, n, D] in the dtype of the N(0, I) noise, one chi-square a draw."""
    rows, n, _ = normal.shape
    gamma = standard_gamma(generator, nu / 2, rows, n, 1, torch.float64, normal.device)
    return normal * (0.5 * nu / gamma).sqrt().to(normal.dtype)
