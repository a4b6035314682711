"""The multivariate Student-t distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.distributions.full_gaussian import log_determinant, whiten
from evidence_bench.models.errors import BadOption
from evidence_bench.models.randomness import Generator, standard_gamma, standard_normal

LEAST_NU = 0.5


def log_student_t(squared: Tensor, nu: float, dimension: int) -> Tensor:
    """log density of t_nu(0, I) in ``dimension`` dimensions where |z|^2 = ``squared``."""
    gammas = math.lgamma((nu + dimension) / 2) - math.lgamma(nu / 2)
    return (
        gammas - 0.5 * dimension * math.log(nu * math.pi) - 0.5 * (nu + dimension) * torch.log1p(squared / nu)
    )


def require_nu(what: str, nu: float) -> None:
    """BadOption for so few degrees of freedom that draws are beyond the numbers of float32."""
    if not LEAST_NU <= nu < math.inf:
        raise BadOption(
            f"{what}: nu is at least {LEAST_NU}, not {nu}; below, draws exceed the numbers of float32."
        )


@dataclass(frozen=True, eq=False)
class StudentT:
    """z = loc + C e sqrt(nu / g), e ~ N(0, I), g ~ chi-square(nu): t_nu(loc, C C^T).

    loc [B, L], chol [B, L, L] or one [1, L, L]. The noise is L normals and then g, so no bijection.
    """

    loc: Tensor
    chol: Tensor
    nu: float
    bijective = False

    def __post_init__(self) -> None:
        require_nu("A Student-t distribution", self.nu)

    def noise(self, k: int, generator: Generator) -> Tensor:
        """[B, k, L + 1]: L normals and one chi-square(nu) a draw."""
        rows, latents = self.loc.shape
        dtype, device = self.loc.dtype, self.loc.device
        normals = standard_normal(generator, rows, k, latents, dtype, device)
        squares = 2 * standard_gamma(generator, self.nu / 2, rows, k, 1, dtype, device)
        return torch.cat([normals, squares], dim=-1)

    def draw(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """(z [B, K, L], log q [B, K]), the density taken from the noise."""
        t = e[..., :-1] * (self.nu / e[..., -1:]).sqrt()
        z = self.loc[:, None] + t @ self.chol.mT
        return z, self._log_density(t)

    def log_prob(self, z: Tensor) -> Tensor:
        """log t_nu(z; loc, C C^T) [B, K] at z [B, K, L] or [1, K, L]."""
        return self._log_density(whiten(z, self.loc, self.chol))

    def _log_density(self, t: Tensor) -> Tensor:
        log_t = log_student_t(t.square().sum(-1), self.nu, t.shape[-1])
        return log_t - log_determinant(self.chol)[:, None]
