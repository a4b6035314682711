"""What a model offers is its own: a fact about a proposal that was replaced is not taken for exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch

from evidence_bench.models.catalogue import build_model
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian
from evidence_bench.models.offers import moments_of
from evidence_bench.models.oracles.linear_gaussian import LinearGaussian
from evidence_bench.models.oracles.weight_laws import LognormalLaw
from tests.models.instances import every_exact_model, model_and_points


class OtherProposal(LinearGaussian):
    """Half as wide."""

    def proposal(self, x: torch.Tensor) -> DiagonalGaussian:
        inherited: Any = super().proposal(x)
        return DiagonalGaussian(inherited.mean, inherited.log_sd - 0.7)


class OtherJoint(LognormalLaw):
    """Cut to z > 1/2."""

    def log_joint(self, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        return torch.where(z[..., 0] > 0.5, super().log_joint(x, z), -torch.inf)


@dataclass(frozen=True)
class Renamed(LinearGaussian):
    """All its own is an option."""

    scale: float = 2.0


class Known(OtherProposal):
    """One that says what its moments are."""

    weight_moments = LinearGaussian.weight_moments


class Wrapper:
    """Hands everything on but the proposal."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def proposal(self, x: torch.Tensor) -> Any:
        return OtherProposal.proposal(self.inner, x)


@pytest.mark.parametrize(
    "model", [OtherProposal(), OtherJoint(), Wrapper(OtherProposal())], ids=lambda m: type(m).__name__
)
def test_moments_that_were_inherited_under_another_proposal_or_joint_are_not_exact(model):
    assert hasattr(model, "weight_moments")
    assert moments_of(model, torch.zeros(2, 10, dtype=torch.float64)) is None


@pytest.mark.parametrize("model", [Renamed(), Known()], ids=lambda m: type(m).__name__)
def test_moments_of_the_class_s_own_are(model):
    assert moments_of(model, torch.zeros(2, 10, dtype=torch.float64)) is not None


@every_exact_model
def test_every_model_that_knows_its_moments_is_believed(name):
    model, x = model_and_points(name, 2)
    assert moments_of(model, x) is not None


def test_a_model_without_moments_has_none():
    _, model = build_model("untrained-vae")
    assert moments_of(model, model.data(2)) is None
