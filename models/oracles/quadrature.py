"""The evidence and the moments of the weights of a model with one or two latents, by a grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from evidence_bench.models.base import HasLogProb, Model, Moments
from evidence_bench.models.distributions.diagonal_gaussian import log_standard_normal
from evidence_bench.models.errors import NotApplicable

MOST_LATENTS = 2
NODES_AT_ONCE = 4096
ROUNDING = 1e-13  # of float64 sums of some 1e5 terms, relative


@dataclass(frozen=True)
class Grid:
    """Nodes e = step * i with |e| <= radius in every coordinate, in the noise of the prior."""

    radius: float
    step: float


# A trapezoid's error on a Gaussian of sd s is 2 exp(-2 pi^2 s^2 / step^2), so step = s is enough.
GRIDS = (Grid(8, 0.1), Grid(8, 0.05), Grid(12, 0.025))


@dataclass(frozen=True)
class Integrals:
    """log of the integrals of p^n q^(1-n) for n = 1, 2, 3 (or n = 1 alone), [n, B], and their errors.

    ``error`` [n, B], relative, adds up: the difference to the checkerboard of half the nodes, whose error
    is of the order of the square root of the grid's own; the square of the largest difference to a quarter
    of the nodes, of the same order, which is large where the phase of the grid hides the first; and the
    share of the outer quarter of the box, for what lies beyond it. With a step above the narrowest sd the
    order is lost, but then the error is far above any tolerance.
    """

    log_value: Tensor
    error: Tensor


def log_evidence(model: Model, x: Tensor, tolerance: float = 1e-6) -> tuple[Tensor, Tensor]:
    """(log p(x) [B], its stated error [B] in nats), float64.

    Every point starts on the first grid and goes to the next while its error is above ``tolerance``,
    so that no other point changes its value.
    """
    integrals = _refined(model, x, (1,), tolerance)
    return integrals.log_value[0], integrals.error[0]


def weight_moments(model: Model, x: Tensor, tolerance: float = 1e-4) -> tuple[Moments, Tensor]:
    """(c2 and c3 [B] of the weights under model.proposal(x), the relative error [B] of E w^3), float64."""
    integrals = _refined(model, x, (1, 2, 3), tolerance)
    first, second, third = integrals.log_value
    m2, m3 = (second - 2 * first).exp(), (third - 3 * first).exp()
    return Moments(m2 - 1, m3 - 3 * m2 + 2), integrals.error.amax(0)


def _refined(model: Model, x: Tensor, powers: tuple[int, ...], tolerance: float) -> Integrals:
    x = x.double()
    best = integrate(model, x, GRIDS[0], powers)
    for grid in GRIDS[1:]:
        open_points = (best.error.amax(0) > tolerance).nonzero().squeeze(-1)
        if len(open_points):
            finer = integrate(model, x[open_points], grid, powers)
            best.log_value[:, open_points], best.error[:, open_points] = finer.log_value, finer.error
    return best


def integrate(model: Model, x: Tensor, grid: Grid, powers: tuple[int, ...]) -> Integrals:
    """The integrals on one grid, which is decoded once for all x; x float64."""
    proposal = model.proposal(x) if max(powers) > 1 else None
    if proposal is not None and not isinstance(proposal, HasLogProb):
        raise NotApplicable("Moments of weights need a proposal with log_prob; estimate them instead.")
    latents = model.prior(x[:1]).noise(1, torch.Generator(x.device)).shape[-1]
    if latents > MOST_LATENTS:
        raise NotApplicable(f"A grid over {latents} latents is too large; use a model with at most 2.")
    sums = torch.full((len(powers), x.shape[0], 8), -math.inf, dtype=torch.float64, device=x.device)
    for e, groups in _chunks(grid, latents, x):
        z, log_prior = model.prior(x[:1]).draw(e)
        volume = log_standard_normal(e) - log_prior
        log_p = model.log_joint(x, z)
        log_q = proposal.log_prob(z) if proposal is not None else torch.zeros_like(log_p)
        parts = [_grouped(n * log_p - (n - 1) * log_q - volume, groups) for n in powers]
        sums = torch.logaddexp(sums, torch.stack(parts))
    return _with_errors(sums, latents * math.log(grid.step))


def _chunks(grid: Grid, latents: int, like: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Nodes [1, G, L] and the 0/1 membership [G, 8] in (even, odd) x (two halves) x (inner, outer)."""
    half = math.floor(grid.radius / grid.step)
    axis = torch.arange(-half, half + 1, device=like.device)
    nodes = torch.cartesian_prod(*[axis] * latents).reshape(-1, latents)
    for index in torch.split(nodes, NODES_AT_ONCE):
        odd, outer = index.sum(-1) % 2 == 1, index.abs().amax(-1) > 0.75 * half
        # Quarters are grids of twice the step in two dimensions and of four times the step in one.
        second = (index[:, 0] if latents > 1 else index[:, 0] // 2) % 2 == 1
        kinds = product((False, True), repeat=3)
        groups = [(odd == a) & (second == b) & (outer == c) for a, b, c in kinds]
        yield (index.to(like) * grid.step)[None], torch.stack(groups, dim=-1).to(like)


def _grouped(values: Tensor, groups: Tensor) -> Tensor:
    """log of the sums of exp(values) [B, G] over each of the groups [G, 8]: [B, 8]."""
    largest = values.amax(-1, keepdim=True).clamp_min(torch.finfo(values.dtype).min)
    return ((values - largest).exp() @ groups).log() + largest


def _with_errors(sums: Tensor, log_cell: float) -> Integrals:
    total = torch.logsumexp(sums, dim=-1)
    share = (sums - total[..., None]).exp().reshape(*total.shape, 2, 2, 2)
    quarters = share.sum(-1)
    half = (2 * quarters[..., 0, :].sum(-1) - 1).abs()
    quarter = (4 * quarters - 1).abs().amax((-1, -2))
    beyond = share[..., 1].sum((-1, -2))
    error = half + quarter.square() + beyond + ROUNDING * (1 + total.abs())
    return Integrals(total + log_cell, error)
