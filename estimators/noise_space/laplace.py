"""A Gauss-Newton start: the mode and the curvature of the target in noise space."""

from __future__ import annotations

import warnings
from typing import cast

import torch
from torch import Tensor
from torch.func import jvp

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.models.base import Curved
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian

STEPS = 4
SCALES = (1.0, 0.5, 0.2)  # of a step: the best of these and of staying is taken, one evaluation each
_LONGEST_STEP = 5.0  # of one step, in standard deviations of the proposal per coordinate (rms)


def laplace_cost(dimension: int) -> int:
    """Evaluations a row of ``laplace_coordinates``: L + 1 and the lengths a step, and one at the start."""
    return STEPS * (dimension + 1 + len(SCALES)) + 1


def laplace_coordinates(space: NoiseSpace) -> Whitening:
    """Coordinates centred at the mode of target(e), whitened by its precision: ``STEPS`` steps from e = 0.

    A step solves J^T P J step = gradient, with P the model's Gauss-Newton precision and J = dz/de, is cut
    to a fixed length, and is taken at the one of ``SCALES`` where the target is highest, or not at all:
    without that, some rows of a trained decoder oscillate. A row whose target never rose, or whose numbers
    are not finite, gets the proposal's own coordinates. The precision is that of the last step's beginning,
    so that no evaluation is spent on it alone.
    """
    d = space.dimension
    start = torch.zeros(space.x.shape[0], d, dtype=torch.float64, device=space.x.device)
    first = space.target(start[:, None])[:, 0]
    e, value, factor = start, first, start
    for _ in range(STEPS):
        gradient, precision = curvature(space, e)
        factor, info = torch.linalg.cholesky_ex(precision)
        factor = torch.where((info == 0)[:, None, None], factor, torch.nan)
        step = torch.cholesky_solve(gradient[:, :, None], factor)[:, :, 0]
        step = step * (_LONGEST_STEP * d**0.5 / step.norm(dim=-1, keepdim=True)).clamp(max=1.0)
        e, value = _best_along(space, e, value, step)
    return _accepted(e, factor, value > first)


def _best_along(space: NoiseSpace, e: Tensor, value: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """The highest of target at e [B, D] (``value`` [B]) and at e + scale step, and where it is."""
    usable = step.isfinite().all(dim=-1)
    step = torch.where(usable[:, None], step, 0.0)
    tried = torch.stack([e + scale * step for scale in SCALES], dim=1)
    values = space.target(tried).nan_to_num(nan=-torch.inf)
    best, at = values.max(dim=1)
    risen = (best > value) & best.isfinite()
    taken = tried.gather(1, at[:, None, None].expand(-1, 1, e.shape[-1]))[:, 0]
    return torch.where(risen[:, None], taken, e), torch.where(risen, best, value)


def curvature(space: NoiseSpace, e: Tensor) -> tuple[Tensor, Tensor]:
    """Gradient [B, D] and Gauss-Newton precision [B, D, D] of target at e [B, D]; L + 1 evaluations a row.

    The model is asked once, at z(e); the rest is the derivative of the draw alone, which costs no
    evaluation. The curvature of log abs det dz/de is left out: it is zero for Gaussian proposals.
    """
    if type(space.proposal) is DiagonalGaussian:  # a subclass may draw otherwise
        return _curvature_of_scaled(space, space.proposal, e)
    z, jacobian, slope = _draw_with_derivative(space, e)
    gradient_z, precision_z = _gauss_newton(space, z)
    gradient = torch.einsum("bdl,bl->bd", jacobian, gradient_z) - slope - e
    return gradient, jacobian @ precision_z @ jacobian.mT


def _curvature_of_scaled(space: NoiseSpace, proposal: DiagonalGaussian, e: Tensor) -> tuple[Tensor, Tensor]:
    """``curvature`` where z = mean + sd e: dz/de is diag(sd), and log_q falls with e as log N(e) does."""
    z = proposal.draw(e.to(space.dtype)[:, None])[0][:, 0]
    gradient_z, precision_z = _gauss_newton(space, z)
    sd = proposal.log_sd.double().exp()
    return sd * gradient_z, sd[:, :, None] * precision_z * sd[:, None]


def _gauss_newton(space: NoiseSpace, z: Tensor) -> tuple[Tensor, Tensor]:
    """The model's gradient [B, L] and precision [B, L, L] at z [B, L], in float64."""
    # Counted offers gauss_newton only where the model does, and the sampler has checked that it is Curved.
    gradient, precision = cast(Curved, space.model).gauss_newton(space.x, z)
    return gradient.double(), precision.double()


def _draw_with_derivative(space: NoiseSpace, e: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """z [B, L], dz/de [B, D, L] and d log_q/de [B, D] at e [B, D], in one forward-mode pass.

    Each row is drawn D times at the same noise, the i-th with the i-th unit tangent. Forward mode does not
    run under torch.inference_mode, so that is left here. Its first use compiles some of torch's own rules
    through torch.jit, which warns that it is deprecated; that is no affair of the caller's.
    """
    rows, d = e.shape
    with torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`torch.jit", category=DeprecationWarning)
        copies = e.to(space.dtype)[:, None].repeat(1, d, 1)
        tangents = torch.eye(d, dtype=space.dtype, device=e.device).repeat(rows, 1, 1)
        (z, _), (dz, dlog_q) = jvp(space.proposal.draw, (copies,), (tangents,))[:2]
    return z[:, 0], dz.double(), dlog_q.double()


def _accepted(end: Tensor, factor: Tensor, risen: Tensor) -> Whitening:
    """The Laplace coordinates where they are finite and the target rose, the proposal's elsewhere."""
    rows, d = end.shape
    found = Whitening.of_precision(end, factor)
    finite = end.isfinite().all(dim=-1) & found.matrix.isfinite().all(dim=(-1, -2)) & found.log_det.isfinite()
    return found.where(risen & finite, Whitening.identity(rows, d, end.device))
