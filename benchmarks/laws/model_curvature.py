"""The law of a model's curvature: the gradient is autograd's and the precision positive definite."""

from __future__ import annotations

import torch

from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.model_subject import ModelSubject
from evidence_bench.models.base import Curved

_WITHIN = 1e-3  # of the largest component: float32 models


def _curvature(subject: ModelSubject) -> Outcome:
    """At draws from the proposal: gauss_newton(x, z) = (gradient [B, L], precision [B, L, L])."""
    x, z = subject.x, subject.from_proposal.z[:, 0].clone()
    with torch.enable_grad():
        asked = z.clone().requires_grad_()
        (expected,) = torch.autograd.grad(subject.model.log_joint(x, asked[:, None]).sum(), asked)
    gradient, precision = subject.model.gauss_newton(x, z)
    rows, latents = z.shape
    if gradient.shape != z.shape or precision.shape != (rows, latents, latents):
        shapes = f"{list(gradient.shape)} and {list(precision.shape)}"
        return fails(f"it gives shapes {shapes} for z {list(z.shape)}.")
    off = float((gradient - expected).abs().max() / expected.abs().max().clamp(min=1))
    if off > _WITHIN:
        return fails(f"its gradient is autograd's but for {off:.2g} of it.", off)
    least = float(torch.linalg.eigvalsh(precision.double()).min())
    if not least > 0:
        return fails(f"its precision has an eigenvalue of {least:.2g}; it must be positive definite.")
    return holds(f"the gradient is autograd's to {off:.1e}, the least eigenvalue {least:.3g}.", off)


def _flat(subject: ModelSubject) -> str:
    return "" if isinstance(subject.model, Curved) else "it offers no curvature."


CURVATURE = Law("curvature", "gauss_newton has autograd's gradient", _curvature, _flat)
