"""What is maximised: a reduction of log weights, by default of draws from the encoder.

Draws that are smooth maps of noise carry the gradient of the encoder themselves. Discrete ones do not: there
the gradient of E[f(z_1..z_K)] has the further term E[sum_k s_k grad log q(z_k|x)], where s_k is f less
anything that does not depend on z_k. VIMCO's choice is f with the log weight of z_k replaced by the mean of
the others. Source: Mnih and Rezende, Variational Inference for Monte Carlo Objectives, ICML 2016.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import Generator
from evidence_bench.models.vaes.vae import VAE

Reduce = Callable[[Tensor], Tensor]  # log_w [..., K] -> [...]


class Maximised(Protocol):
    """What the loop maximises: its mean over data points."""

    @property
    def k(self) -> int:
        """Weights a data point."""
        ...

    def __call__(self, model: VAE, x: Tensor, generator: Generator) -> Tensor:
        """[B] in nats for x [B, D], differentiable in every parameter."""
        ...

    def validate(self, model: VAE, x: Tensor, times: int, generator: Generator) -> Tensor:
        """[B] in nats: what checkpoints are chosen by, the mean of ``times`` repetitions."""
        ...


@dataclass(frozen=True)
class Objective:
    """reduce(log_w) [B] for k weights a data point, less ``further_kl`` times an estimate of KL(q || p(z)).

    Draws come from the encoder q(z|x) or, ``from_prior``, from p(z), where log_w = log p(x|z). A further
    KL above 0 counts twice what log_w already holds: it is here to show what that costs. ``judge`` takes the
    place of ``reduce`` in validation, where that is no bound and its highest value might be its worst.
    """

    reduce: Reduce
    k: int
    from_prior: bool = False
    further_kl: float = 0.0
    judge: Reduce | None = None

    def __call__(self, model: VAE, x: Tensor, generator: Generator) -> Tensor:
        """[B] in nats, differentiable in every parameter; its gradient is unbiased for every latent.

        Raises NotApplicable where the latents are discrete and come from a trained encoder with k = 1.
        """
        proposal = model.prior(x) if self.from_prior else model.proposal(x)
        z, log_q = proposal.draw(proposal.noise(self.k, generator))
        log_w = model.log_joint(x, z) - log_q
        value = self.reduce(log_w)
        kl = log_q - model.log_prior(z) if self.further_kl else None
        if kl is not None:
            value = value - self.further_kl * kl.mean(-1)
        if log_q.requires_grad and not z.requires_grad:  # a trained proposal whose draws carry no gradient
            value = value + _score_term(self._signal(log_w, kl), log_q)
        return value

    @torch.no_grad()
    def validate(self, model: VAE, x: Tensor, times: int, generator: Generator) -> Tensor:
        """The mean [B] of ``times`` values, each of k weights; x is encoded once."""
        proposal = model.prior(x) if self.from_prior else model.proposal(x)
        z, log_q = proposal.draw(proposal.noise(times * self.k, generator))
        log_w = (model.log_joint(x, z) - log_q).view(len(x), times, self.k)
        value = (self.judge or self.reduce)(log_w).mean(-1)
        if self.further_kl:
            value = value - self.further_kl * (log_q - model.log_prior(z)).mean(-1)
        return value

    @torch.no_grad()
    def _signal(self, log_w: Tensor, kl: Tensor | None) -> Tensor:
        """s [B, K], the learning signal of each draw."""
        signal = learning_signal(self.reduce, log_w)
        return signal if kl is None else signal - self.further_kl * learning_signal(_mean, kl)


def learning_signal(reduce: Reduce, values: Tensor) -> Tensor:
    """s_k = reduce(v) - reduce(v with v_k replaced by the mean of the others), [B, K] for v [B, K].

    Takes K^2 numbers a row. Raises NotApplicable for K = 1: nothing is left to compare a draw with, and the
    bare score function, whose signal is a whole log weight of hundreds of nats, trains nothing. K = 2 is no
    loss: the ELBO has the same expectation at every K.
    """
    k = values.shape[-1]
    if k < 2:
        raise NotApplicable(
            "Discrete latents are trained on at least 2 draws a data point, each judged by the others; "
            "raise k to 2 or more (the ELBO has the same expectation at every k)."
        )
    own = torch.eye(k, dtype=torch.bool, device=values.device)
    rows = values[:, None].expand(-1, k, -1)
    others = rows.masked_fill(own, 0).sum(-1, keepdim=True) / (k - 1)
    return reduce(values)[:, None] - reduce(torch.where(own, others, rows))


def _score_term(signal: Tensor, log_q: Tensor) -> Tensor:
    """A term [B] of value zero whose gradient is sum_k s_k grad log q(z_k|x)."""
    return (signal * (log_q - log_q.detach())).sum(-1)


def _mean(values: Tensor) -> Tensor:
    return values.mean(-1)


def log_weights(model: VAE, x: Tensor, k: int, generator: Generator, from_prior: bool = False) -> Tensor:
    """log_w [B, k] by draws from the encoder, or from p(z), differentiable in every parameter."""
    proposal = model.prior(x) if from_prior else model.proposal(x)
    z, log_q = proposal.draw(proposal.noise(k, generator))
    return model.log_joint(x, z) - log_q
