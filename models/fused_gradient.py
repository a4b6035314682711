"""log p(x|h) of a Bernoulli decoder's last layer with its gradient, near the speed of its matrix products.

With a' = a/2 half the logits, s = tanh(a') and t = x - 1/2, log p(x|h) is, per pixel,
x a - log(1 + exp(a)) = 2 t a' - |a'| + log(1 + |s|) - log 2, and its derivative in a is t - s/2. So one tanh
serves the value and the gradient, t enters through products with the last layer, and what is kept from
forward to backward is s alone.
"""

from __future__ import annotations

from math import log
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, logsigmoid

from models import softplus

CHUNK_VALUES = (
    1 << 18
)  # half logits in one chunk: what is passed over several times stays in one core's cache


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
        half_x = x - 0.5
        rows = h.reshape(-1, h.shape[-1])
        s, normaliser = _tanh_and_normaliser(rows, weight / 2, bias / 2)
        ctx.save_for_backward(x, h, weight, bias, s)
        data = torch.bmm(h, (half_x @ weight)[:, :, None])[:, :, 0] + (half_x @ bias)[:, None]
        return data.sub_(normaliser.view(data.shape))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[None, Tensor, Tensor, Tensor]:
        x, h, weight, bias, s = ctx.saved_tensors
        if torch.is_grad_enabled():  # the gradient itself is to be followed
            given = [t if t.requires_grad else t.detach().requires_grad_() for t in (h, weight, bias)]
            gh, gw, gb = torch.autograd.grad(plain(x, *given), given, g, create_graph=True)
            return None, gh, gw, gb
        half_x = x - 0.5
        gh = g[:, :, None] * (half_x @ weight)[:, None]
        gw = half_x.T @ torch.bmm(g[:, None], h)[:, 0]
        gb = half_x.T @ g.sum(1)
        rows, half_g = h.reshape(-1, h.shape[-1]), g.reshape(-1, 1) / 2
        parts = (torch.split(t, _rows(weight)) for t in (s, half_g, rows, gh.view(rows.shape)))
        slope = s.new_empty(_rows(weight), len(weight))
        for tanh, half, hidden, gradient in zip(*parts, strict=True):
            here = torch.mul(tanh, half, out=slope[: len(tanh)])
            gradient.addmm_(here, weight, alpha=-1)
            gw.addmm_(here.T, hidden, alpha=-1)
            gb.sub_(here.sum(0))
        return None, gh, gw, gb


def _tanh_and_normaliser(rows: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """s = tanh(a') [n, D] and sum_d (|a'_d| - log(1 + |s_d|) + log 2) [n], a' = rows W^T + b."""
    s = rows.new_empty(len(rows), len(weight))
    normaliser = rows.new_empty(len(rows))
    size = _rows(weight)
    magnitude = s.new_empty(size, len(weight))
    cut = (torch.split(t, size) for t in (s, rows, normaliser))
    for part, h, total in zip(*cut, strict=True):
        torch.mm(h, weight.T, out=part).add_(bias)
        here = magnitude[: len(part)]
        torch.sum(torch.abs(part, out=here), -1, out=total).add_(len(weight) * log(2))
        total.sub_(softplus.log_of_products(torch.abs(part.tanh_(), out=here)))
    return s, normaliser


def _rows(weight: Tensor) -> int:
    return max(1, CHUNK_VALUES // len(weight))
