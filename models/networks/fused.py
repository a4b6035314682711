"""log p(x|z) of a Bernoulli decoder close to the speed of its matrix products.

What the plain form does for each of the K x D logits is done once a data point or once a row instead:
x enters through one product with the last layer, x . logits = h . (W^T x) + b . x, and the normaliser is a
sum with one logarithm a product (softplus.py). Rows are taken in chunks that stay in cache and are written
into buffers that are kept. Where a gradient is asked for, fused_gradient.py has it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd import forward_ad

from evidence_bench.models.networks import fused_gradient, softplus
from evidence_bench.models.networks.tanh import TanhNetwork

# Logits in one chunk. The eager sum of softplus passes over them a dozen times, so each thread's share
# should stay in its own cache; the compiled one passes once, so what counts is to make few calls.
EAGER_VALUES_A_THREAD = 3 << 17
CHUNK_VALUES = {"cpu": 3 << 19}
CHUNK_VALUES_ELSEWHERE = 1 << 26
WORTH_FUSING = 1 << 18  # logits of one call from which the fused gradient was faster: below, calls cost more


def bernoulli_log_likelihood(decoder: TanhNetwork, x: Tensor, z: Tensor) -> Tensor:
    """sum_d (x_d a_d - log(1 + exp(a_d))) [B, K] in nats, with logits a = decoder(z) and x [B, D].

    z is [B, K, L], or [1, K, L] for one grid for all x, which is decoded once.
    """
    if not nothing_follows(z, x, *decoder.parameters()):
        return differentiable_log_likelihood(decoder, x, z)
    with torch.no_grad():
        return _Fused.of(decoder, x.to(z), z).run()


def differentiable_log_likelihood(decoder: TanhNetwork, x: Tensor, z: Tensor) -> Tensor:
    """The same in a form through which gradients flow: the fused one where it pays, else the plain one."""
    last = decoder.linear[-1]
    h = decoder.hidden(z)
    values = h.shape[0] * h.shape[1] * last.out_features
    fused = (
        values >= WORTH_FUSING
        and len(z) == len(x)
        and not _transformed(z, x, *decoder.parameters())
        and not x.requires_grad
    )
    return (fused_gradient.log_likelihood if fused else fused_gradient.plain)(x, h, last.weight, last.bias)


def nothing_follows(z: Tensor, *others: Tensor) -> bool:
    """Whether only the numbers are wanted: no autograd, no transform of torch.func, no forward mode."""
    if _transformed(z, *others) or z.dtype not in (torch.float32, torch.float64):
        return False
    return not (torch.is_grad_enabled() and any(one.requires_grad for one in (z, *others)))


def _transformed(*tensors: Tensor) -> bool:
    """Whether a transform of torch.func or forward-mode differentiation follows the numbers."""
    wrapped = torch._C._functorch.is_functorch_wrapped_tensor
    return forward_ad._current_level >= 0 or any(map(wrapped, tensors))


@dataclass(frozen=True)
class _Fused:
    """One call: the rows of z, and what of x and of the last layer is needed for every row."""

    decoder: TanhNetwork
    z: Tensor  # [B or 1, K, L]
    pull: Tensor  # [B, H], W^T x
    level: Tensor  # [B], b . x

    @staticmethod
    def of(decoder: TanhNetwork, x: Tensor, z: Tensor) -> _Fused:
        last = decoder.linear[-1]
        return _Fused(decoder, z, x @ last.weight, x @ last.bias)

    def run(self) -> Tensor:
        """[B, K]."""
        points, k = len(self.pull), self.z.shape[1]
        shared = self.z.shape[0] == 1 and points > 1
        out = self.z.new_empty(points, k)
        last = self.decoder.linear[-1]
        sum_softplus = softplus.kernel(last.out_features, self.z.dtype, self.z.device)
        rows = chunk_rows(last.out_features, self.z.device.type, sum_softplus is softplus.eager_sum)
        buffers = _buffers(self.decoder, rows, self.z)
        for point, count, start, end in cuts(len(self.z), k, rows):
            z = self.z[point : point + count, start:end].reshape(-1, self.z.shape[-1])
            h, normaliser = _decode(self.decoder, z, buffers, sum_softplus)
            here = slice(None) if shared else slice(point, point + count)
            part = out[here, start:end]
            h = h.view(count, end - start, -1)
            torch.add(self._data_term(h, here), self.level[here, None], out=part)
            part.sub_(normaliser.view(count, -1))
        return out

    def _data_term(self, h: Tensor, here: slice) -> Tensor:
        """h . (W^T x) [points, n] for h [points or 1, n, H]."""
        if h.shape[0] == 1:
            return self.pull[here] @ h[0].T
        return torch.bmm(h, self.pull[here, :, None])[:, :, 0]


def _decode(
    decoder: TanhNetwork, z: Tensor, buffers: list[Tensor], sum_softplus: softplus.Kernel
) -> tuple[Tensor, Tensor]:
    """(last hidden layer [n, H], sum of softplus of the logits [n]) of n rows, in the buffers."""
    h, n = z, len(z)
    *hidden, last = decoder.linear
    for layer, buffer in zip(hidden, buffers, strict=False):
        # Not addmm: it writes the bias out first, which costs more than adding it to what is in cache.
        h = torch.mm(h, layer.weight.T, out=buffer[:n]).add_(layer.bias).tanh_()
    torch.mm(h, last.weight.T, out=buffers[-1][:n])
    return h, sum_softplus(buffers[-1][:n], last.bias)


def cuts(points: int, k: int, rows: int) -> Iterator[tuple[int, int, int, int]]:
    """(first point, number of points, first sample, end): whole points, or a part of one, in ``rows``."""
    together = max(1, rows // max(k, 1))
    even = -(-k // max(1, -(-k // rows)))  # parts of one size, so that none is much smaller
    for point in range(0, points, together):
        for start in range(0, k, max(1, even)):
            yield point, min(together, points - point), start, min(start + even, k)


def chunk_rows(pixels: int, device: str, eager: bool) -> int:
    """Rows in one chunk, so that it stays in cache."""
    values = CHUNK_VALUES.get(device, CHUNK_VALUES_ELSEWHERE)
    if device == "cpu" and eager:
        values = min(values, EAGER_VALUES_A_THREAD * torch.get_num_threads())
    return max(1, values // pixels)


_kept = threading.local()


def _buffers(decoder: TanhNetwork, rows: int, like: Tensor) -> list[Tensor]:
    """[rows, width] for each layer; those last used by this thread are kept, some megabytes."""
    widths = tuple(layer.out_features for layer in decoder.linear)
    if like.device.type != "cpu":  # there torch keeps what was freed, for each stream
        return [like.new_empty(rows, width) for width in widths]
    key = (rows, widths, like.dtype, like.device, torch.is_inference_mode_enabled())
    if getattr(_kept, "key", None) != key:
        _kept.key, _kept.buffers = key, [like.new_empty(rows, width) for width in widths]
    buffers: list[Tensor] = _kept.buffers
    return buffers
