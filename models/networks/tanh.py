"""Small tanh networks and their first weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class TanhNetwork(nn.Module):
    """Linear layers with tanh between them; ``sizes`` are the widths from input to output.

    Every weight starts at zero: they are loaded, or drawn from a generator that is given (``initialise``).
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        # Made on the meta device, because torch's own start would draw from the global generator.
        empty = (nn.Linear(a, b, device="meta") for a, b in pairwise(sizes))
        self.layers = nn.ModuleList(layer.to_empty(device="cpu") for layer in empty)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    @property
    def linear(self) -> list[nn.Linear]:
        """The layers from input to output."""
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    def forward(self, h: Tensor) -> Tensor:
        last = self.linear[-1]
        return linear(self.hidden(h), last.weight, last.bias)

    def hidden(self, h: Tensor) -> Tensor:
        """The last hidden layer [..., H]."""
        for layer in self.linear[:-1]:
            h = linear(h, layer.weight, layer.bias)
            followed = h.requires_grad and torch.is_grad_enabled()
            h = torch.tanh(h) if followed else h.tanh_()
        return h

    def with_tangents(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """(output [B, D], d output / d h as [B, L, D]), carried forward layer by layer.

        The inputs come first: so every product is one of [B L, H] with a weight.
        """
        first, *others = self.linear
        h = linear(h, first.weight, first.bias)
        tangents = first.weight.T.expand(h.shape[0], -1, -1)
        for layer in others:
            h = torch.tanh(h)
            tangents = ((1 - h.square())[:, None] * tangents) @ layer.weight.T
            h = linear(h, layer.weight, layer.bias)
        return h, tangents


def initialise(model: nn.Module, generator: torch.Generator) -> None:
    """Glorot-uniform weights and zero biases, in place."""
    for parameter in model.parameters():
        if parameter.ndim == 2:
            nn.init.xavier_uniform_(parameter, generator=generator)
        else:
            nn.init.zeros_(parameter)
