"""log p(x|h) of a Bernoulli decoder's last layer with its gradient, near the speed of its matrix products.

With p = sigmoid(a) = (1 + s) / 2 and s = tanh(a / 2), the normaliser log(1 + exp(a)) of a pixel is
max(a, 0) + log 2 - log(1 + |s|), and the derivative of log p(x|h) in a is x - p. So one tanh serves the value
and the gradient, x enters through products with the last layer, and p is all that is kept from forward to
backward. Positive logits are summed apart, for a sum of a and |a| would cancel thousands of nats.
"""

from __future__ import annotations

from math import log
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, logsigmoid

from evidence_bench.models.networks import softplus

# Logits in one chunk: what is passed over several times stays in one core's cache.
CHUNK_VALUES = 1 << 18


def log_likelihood(x: Tensor, h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """sum_d (x_d a_d - log(1 + exp(a_d))) [B, K] in nats, a = h W^T + b, for h [B, K, H] and x [B, D].

    Differentiable in h, weight and bias, twice too (then by the plain form); x gets no gradient.
    """
    result: Tensor = _LogLikelihood.apply(x.to(h), h, weight, bias)  # type: ignore[no-untyped-call]
    return result


def plain(x: Tensor, h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The same by the logits themselves, which every transform can follow."""
    logits = linear(h, weight, bias)
    return torch.einsum("bd,bkd->bk", x.to(h), logits) + logsigmoid(-logits).sum(-1)


class _LogLikelihood(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        p, normaliser = _probabilities_and_normaliser(h.reshape(-1, h.shape[-1]), weight, bias)
        ctx.save_for_backward(x, h, weight, bias, p)
        data = torch.bmm(h, (x @ weight)[:, :, None])[:, :, 0] + (x @ bias)[:, None]
        return data.sub_(normaliser.view(data.shape))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[None, Tensor, Tensor | None, Tensor | None]:
        x, h, weight, bias, p = ctx.saved_tensors
        if torch.is_grad_enabled():  # the gradient itself is to be followed
            given = [t if t.requires_grad else t.detach().requires_grad_() for t in (h, weight, bias)]
            gh, gw, gb = torch.autograd.grad(plain(x, *given), given, g, create_graph=True)
            return None, gh, gw, gb
        frozen = not any(ctx.needs_input_grad[2:])
        gh = g[:, :, None] * (x @ weight)[:, None]
        gw = x.T @ torch.bmm(g[:, None], h)[:, 0]
        gb = x.T @ g.sum(1)
        rows, each = h.reshape(-1, h.shape[-1]), g.reshape(-1, 1)
        parts = (torch.split(t, _rows(weight)) for t in (p, each, rows, gh.view(rows.shape)))
        slope = p.new_empty(_rows(weight), len(weight))
        for chance, factor, hidden, gradient in zip(*parts, strict=True):
            here = torch.mul(chance, factor, out=slope[: len(chance)])
            gradient.addmm_(here, weight, alpha=-1)
            if not frozen:
                gw.addmm_(here.T, hidden, alpha=-1)
                gb.sub_(here.sum(0))
        return (None, gh, None, None) if frozen else (None, gh, gw, gb)


def _probabilities_and_normaliser(rows: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """p [n, D] and sum_d log(1 + exp(a_d)) [n], a = rows W^T + b."""
    p = rows.new_empty(len(rows), len(weight))
    normaliser = rows.new_empty(len(rows))
    size = _rows(weight)
    buffer = p.new_empty(size, len(weight))
    half, half_bias = (weight / 2).T, bias / 2
    cut = (torch.split(t, size) for t in (p, rows, normaliser))
    for part, h, total in zip(*cut, strict=True):
        here = buffer[: len(part)]
        torch.mm(h, half, out=part).add_(half_bias)
        torch.sum(torch.clamp(part, min=0, out=here), -1, out=total).mul_(2).add_(len(weight) * log(2))
        total.sub_(softplus.log_of_products(torch.abs(part.tanh_(), out=here)))
        part.add_(1).mul_(0.5)
    return p, normaliser


def _rows(weight: Tensor) -> int:
    return max(1, CHUNK_VALUES // len(weight))
