"""Gradients through a few of the k weights of a data point: the same expectation, a fraction of the cost.

Most of a trained model's self-normalised weights are near zero, and following one back through the
networks costs twice what evaluating it did. So all k are evaluated, and ``keep`` of them are followed: those
that matter most always, others by lot with their slopes enlarged to match.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import Generator, standard_uniform
from evidence_bench.models.training.objectives import Objective, Reduce
from evidence_bench.models.vaes.vae import VAE

FLOOR = 1e-12  # of a row's sum: so that a slope that underflowed to 0 has a probability too


@dataclass(frozen=True)
class Thinned:
    """``objective`` with its gradient by ``keep`` of its k weights; the value is that of all k.

    The gradient sum_k a_k grad log w_k, a = d reduce / d log_w, is estimated without bias by the kept terms,
    each divided by the probability to be kept, min(1, |a_k| / c), which add up to ``keep``. That choice has
    the least variance. Source: Fearnhead and Clifford, JRSS B 65 (2003); one weight by lot is in Burda et al.
    """

    objective: Objective
    keep: int

    def __post_init__(self) -> None:
        if self.objective.from_prior or self.objective.further_kl:
            raise NotApplicable("Only reductions of the encoder's weights are thinned; leave out --follow.")

    @property
    def k(self) -> int:
        """Weights a data point."""
        return self.objective.k

    def __call__(self, model: VAE, x: Tensor, generator: Generator) -> Tensor:
        """[B] in nats. NotApplicable for discrete latents, whose gradient needs every draw."""
        proposal = model.proposal(x)
        if not proposal.bijective:
            raise NotApplicable("The gradient of discrete latents needs all k draws; leave out --follow.")
        e = proposal.noise(self.k, generator)
        with torch.no_grad():
            z, log_q = proposal.draw(e)
            log_w = model.log_joint(x, z) - log_q
        value, slope = value_and_slope(self.objective.reduce, log_w)
        offset = standard_uniform(generator, len(x), 1, 1, slope.dtype, slope.device)[:, 0]
        kept, factor = thin(slope, self.keep, offset)
        z, log_q = proposal.draw(e.gather(1, kept[:, :, None].expand(-1, -1, e.shape[-1])))
        followed = (factor * (model.log_joint(x, z) - log_q)).sum(-1)
        return value + (followed - followed.detach())

    def validate(self, model: VAE, x: Tensor, times: int, generator: Generator) -> Tensor:
        """As the objective does."""
        return self.objective.validate(model, x, times, generator)


def value_and_slope(reduce: Reduce, log_w: Tensor) -> tuple[Tensor, Tensor]:
    """reduce(log_w) [B] and its derivative [B, K] in log_w, float64."""
    with torch.enable_grad():
        given = log_w.detach().double().requires_grad_()
        value = reduce(given)
        (slope,) = torch.autograd.grad(value.sum(), given)
    return value.detach(), slope


def thin(slope: Tensor, keep: int, offset: Tensor) -> tuple[Tensor, Tensor]:
    """Which ``keep`` of K terms stay, [B, keep], and by what to multiply them: slope / probability.

    ``slope`` is [B, K] and ``offset`` [B, 1] uniform on [0, 1): systematic sampling, which takes exactly
    ``keep`` terms where the probabilities add up to that.
    """
    if keep >= slope.shape[-1]:
        return torch.arange(slope.shape[-1], device=slope.device).expand_as(slope), slope
    size = slope.abs()
    probability = inclusion(size + FLOOR * size.sum(-1, keepdim=True), keep)
    ends = probability.cumsum(-1)
    ends = ends * (keep / ends[:, -1:])  # the last end is keep to the last digit: exactly keep are taken
    crossed = (ends - offset).ceil().clamp(min=0)
    taken = crossed.diff(dim=-1, prepend=torch.zeros_like(offset)) > 0
    kept = taken.to(torch.uint8).sort(dim=-1, descending=True, stable=True).indices[:, :keep]
    return kept, (slope * taken / probability).gather(1, kept)


def inclusion(size: Tensor, keep: int) -> Tensor:
    """min(1, size / c) [B, K] with c such that each row adds up to ``keep`` < K, for sizes [B, K] above 0."""
    ordered = size.sort(dim=-1, descending=True).values
    rest = ordered.flip(-1).cumsum(-1).flip(-1)[:, :keep]  # the sum of all but the j largest, j = 0..keep-1
    level = rest / torch.arange(keep, 0, -1, dtype=size.dtype, device=size.device)  # c, were j kept for sure
    # The right j is the first whose next largest is not above its level; j = keep - 1 always has one.
    first = (ordered[:, :keep] <= level).to(torch.uint8).argmax(-1, keepdim=True)
    return (size / level.gather(1, first)).clamp(max=1.0)
