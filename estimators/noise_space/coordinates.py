"""Coordinates u in which the first proposal of every row is centred, with unit scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Whitening:
    """e = centre + A u, for centre [B, D], A and its inverse [B, D, D] and log abs det A [B]; float64."""

    centre: Tensor
    matrix: Tensor
    inverse: Tensor
    log_det: Tensor

    @classmethod
    def identity(cls, rows: int, d: int, device: torch.device) -> Whitening:
        """e = u: the proposal itself is N(0, I)."""
        zero = torch.zeros(rows, d, dtype=torch.float64, device=device)
        eye = torch.eye(d, dtype=torch.float64, device=device).expand(rows, d, d)
        return cls(zero, eye, eye, zero.sum(dim=-1))

    @classmethod
    def of_precision(cls, centre: Tensor, factor: Tensor) -> Whitening:
        """A A^T = P^-1 for a lower Cholesky factor of the precision P [B, D, D]."""
        eye = torch.eye(centre.shape[-1], dtype=centre.dtype, device=centre.device).expand_as(factor)
        matrix = torch.linalg.solve_triangular(factor.mT, eye, upper=True)
        return cls(centre, matrix, factor.mT, -factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1))

    def where(self, holds: Tensor, other: Whitening) -> Whitening:
        """These coordinates in the rows that hold [B], the other's elsewhere."""
        return Whitening(
            torch.where(holds[:, None], self.centre, other.centre),
            torch.where(holds[:, None, None], self.matrix, other.matrix),
            torch.where(holds[:, None, None], self.inverse, other.inverse),
            torch.where(holds, self.log_det, other.log_det),
        )

    def of_rows(self, rows: slice) -> Whitening:
        """The coordinates of some rows."""
        return Whitening(self.centre[rows], self.matrix[rows], self.inverse[rows], self.log_det[rows])

    def widened(self, width: float) -> Whitening:
        """Coordinates whose unit is ``width`` times as long."""
        longer = self.centre.shape[-1] * math.log(width)
        return Whitening(self.centre, self.matrix * width, self.inverse / width, self.log_det + longer)

    def to(self, dtype: torch.dtype) -> Whitening:
        """The same in another dtype."""
        return Whitening(*(one.to(dtype) for one in (self.centre, self.matrix, self.inverse, self.log_det)))

    def from_noise(self, e: Tensor, out: Tensor | None = None) -> Tensor:
        """u [B, D, n] of e [B, n, D], written to ``out`` where that is given."""
        return torch.bmm(self.inverse, e.mT, out=out).sub_(self._whitened_centre)

    @cached_property
    def _whitened_centre(self) -> Tensor:
        return self.inverse @ self.centre[:, :, None]
