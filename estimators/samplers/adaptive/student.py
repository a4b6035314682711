"""Multivariate Student-t distributions, one for each row of x."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from estimators.samplers.student import log_student


@dataclass(frozen=True, eq=False)
class Student:
    """t(u; location, C C^T, nu) for location [B, D] and a lower Cholesky factor C [B, D, D]; float64."""

    location: Tensor
    factor: Tensor
    nu: float

    @classmethod
    def standard(cls, rows: int, d: int, nu: float, device: torch.device) -> Student:
        """t(u; 0, I, nu) in every row."""
        eye = torch.eye(d, dtype=torch.float64, device=device)
        return cls(eye.new_zeros(rows, d), eye.expand(rows, d, d), nu)

    @cached_property
    def _inverse(self) -> Tensor:
        """C^-1, computed once: a product with it is cheaper than solving for every draw."""
        eye = torch.eye(self.factor.shape[-1], dtype=self.factor.dtype, device=self.factor.device)
        solved: Tensor = torch.linalg.solve_triangular(self.factor, eye, upper=False)
        return solved

    @cached_property
    def _log_det(self) -> Tensor:
        """log abs det C [B, 1]."""
        return self.factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1, keepdim=True)

    def draw(self, noise: Tensor) -> Tensor:
        """u [B, n, D] = location + C noise, for noise that is standard Student-t."""
        return self.location[:, None] + noise @ self.factor.mT

    def distance(self, u: Tensor) -> Tensor:
        """Squared Mahalanobis distance [B, n] of u [B, n, D] from the location."""
        # Draws last, [B, D, n]: sums over D are then sums of long contiguous rows.
        centre = self._inverse @ self.location[:, :, None]
        return torch.baddbmm(-centre, self._inverse, u.mT).square_().sum(dim=1)

    def log_prob(self, u: Tensor) -> Tensor:
        """log t(u) [B, n] in nats at u [B, n, D]."""
        return log_student(self.distance(u), u.shape[-1], self.nu) - self._log_det

    def inflated(self, inflation: float) -> Student:
        """The same with its scale matrix multiplied by ``inflation``."""
        return Student(self.location, math.sqrt(inflation) * self.factor, self.nu)
