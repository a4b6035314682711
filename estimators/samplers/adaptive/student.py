"""Multivariate Student-t distributions, one for each row of x."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.estimators.noise_space.student import log_student


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

    def of_rows(self, rows: slice) -> Student:
        """The distributions of some rows."""
        return Student(self.location[rows], self.factor[rows], self.nu)

    def empty(self) -> Student:
        """Room for another of the same shape, to be filled."""
        return Student(torch.empty_like(self.location), self.factor.new_empty(self.factor.shape), self.nu)

    @cached_property
    def log_det(self) -> Tensor:
        """log abs det C [B, 1]."""
        return self.factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1, keepdim=True)

    @cached_property
    def whitener(self) -> Tensor:
        """C^-1 [I, -location] [B, D, D + 1]: times u and a one below it, the standard noise of u.

        Computed once: a product with it is cheaper than solving for every draw.
        """
        eye = torch.eye(self.factor.shape[-1], dtype=self.factor.dtype, device=self.factor.device)
        sides = torch.cat([eye.expand_as(self.factor), -self.location[:, :, None]], dim=-1)
        solved: Tensor = torch.linalg.solve_triangular(self.factor, sides, upper=False)
        return solved

    def distance(self, u: Tensor) -> Tensor:
        """Squared Mahalanobis distance [B, n] of u [B, D, n] from the location."""
        standard = torch.bmm(self.whitener[:, :, :-1], u).add_(self.whitener[:, :, -1:])
        return standard.square_().sum(dim=1)

    def log_prob(self, u: Tensor) -> Tensor:
        """log t(u) [B, n] in nats at u [B, D, n]."""
        return log_student(self.distance(u), u.shape[1], self.nu) - self.log_det

    def inflated(self, inflation: float) -> Student:
        """The same with its scale matrix multiplied by ``inflation``."""
        return Student(self.location, math.sqrt(inflation) * self.factor, self.nu)
