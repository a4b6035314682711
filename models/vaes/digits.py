"""A VAE trained on 8x8 handwritten digits, whose evidence is exact by quadrature."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from evidence_bench.models.base import Moments
from evidence_bench.models.oracles import quadrature
from evidence_bench.models.vaes.trained import TrainedVAE

NUMBERS_A_LATENT = 16  # Johnson's S_U makes more of each than a Gaussian does


@dataclass(frozen=True)
class DigitsVAE(TrainedVAE):
    """z ~ N(0, I_2), x given z ~ Bernoulli(decoder(z)), 64 binary pixels; q(z|x) is Johnson's S_U."""

    checkpoint: str = "digits-vae"  # a shipped name, or the path of a .safetensors file

    @property
    def values_an_evaluation(self) -> int:
        """Numbers held while log_joint is evaluated once."""
        return NUMBERS_A_LATENT * self.network().latents

    @property
    def truth(self) -> str:
        """How log p(x) is known."""
        return "quadrature on a grid over the two latents, with its error stated for each point"

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) [B] by quadrature, float64."""
        return quadrature.log_evidence(self, x)[0]

    def log_evidence_stderr(self, x: Tensor) -> Tensor:
        """The stated error [B] of log_evidence, in nats; a bound on quadrature's, not a random error."""
        return quadrature.log_evidence(self, x)[1]

    def weight_moments(self, x: Tensor) -> Moments:
        """c2 and c3 [B] of the encoder's weights by quadrature, float64."""
        return quadrature.weight_moments(self, x)[0]
