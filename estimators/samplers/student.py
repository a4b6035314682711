"""The standard multivariate Student-t: its noise and its density."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.randomness import Generator, standard_gamma


def log_student(distance: Tensor, d: int, nu: float) -> Tensor:
    """log density of the standard D-dimensional Student-t at squared length ``distance``, in nats."""
    constant = math.lgamma((nu + d) / 2) - math.lgamma(nu / 2) - 0.5 * d * math.log(nu * math.pi)
    return constant - 0.5 * (nu + d) * torch.log1p(distance / nu)


def student_noise(normal: Tensor, nu: float, generator: Generator) -> Tensor:
    """Standard Student-t noise [B, n, D] in float64 from N(0, I) noise, one chi-square a draw."""
    rows, n, _ = normal.shape
    gamma = standard_gamma(generator, nu / 2, rows, n, 1, torch.float64, normal.device)
    return normal.double() * (0.5 * nu / gamma).sqrt()
