"""Samplers in noise space use the draw of the proposal they are handed, also of a Gaussian's subclass."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.estimators.samplers.annealed import Annealed
from evidence_bench.estimators.samplers.student_t import StudentT
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.randomness import keyed_generator
from tests.samplers.instances import data


@dataclass(frozen=True, eq=False)
class Swapped(DiagonalGaussian):
    """The Gaussian of twice the spread: a subclass that draws otherwise."""

    def draw(self, e: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return DiagonalGaussian(self.mean, self.log_sd + 0.7).draw(e)

    def noise_of(self, z: torch.Tensor) -> torch.Tensor:
        return DiagonalGaussian(self.mean, self.log_sd + 0.7).noise_of(z)


@dataclass(frozen=True)
class WithSwapped(LinearGaussian):
    """The linear Gaussian model with that proposal."""

    latents: int = 2
    observed: int = 3
    drawn: bool = True

    def proposal(self, x: torch.Tensor) -> DiagonalGaussian:
        base = super().proposal(x)
        assert isinstance(base, DiagonalGaussian)
        if self.drawn:
            return Swapped(base.mean, base.log_sd)
        return DiagonalGaussian(base.mean, base.log_sd + 0.7)


@pytest.mark.parametrize("sampler", [StudentT(), Adaptive(), Annealed(10)], ids=repr)
def test_a_subclass_of_the_gaussian_draws_what_its_own_draw_says(sampler):
    """The same weights, to rounding, as with the plain Gaussian of that spread."""
    x = data(LinearGaussian(latents=2, observed=3), 3)
    mine, plain = (
        sampler(WithSwapped(drawn=drawn), x, max(400, sampler.min_k), keyed_generator(("own",))).log_w
        for drawn in (True, False)
    )
    torch.testing.assert_close(mine, plain, rtol=0, atol=1e-6)
