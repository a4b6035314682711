"""From grey images to zeros and ones: a seeded draw, or a threshold."""

from __future__ import annotations

import torch
from torch import Tensor

from evidence_bench.models.randomness import Key, keyed_generator, standard_uniform

BLOCK_IMAGES = 512
THRESHOLD = 0.5

KINDS = ("dynamic", "fixed", "none")
DYNAMIC = "pixel ~ Bernoulli(grey): anew in each training pass, one fixed draw where it is measured"
AT_THRESHOLD = f"pixel = 1 where grey >= {THRESHOLD}, else 0"
GREY = "grey levels in [0, 1] as they are"


def bernoulli(grey: Tensor, key: Key) -> Tensor:
    """pixel = 1 where a uniform number on [0, 1) is below grey, else 0; [n, pixels] float32.

    Image i gets row i mod BLOCK_IMAGES of the block keyed by (key, i div BLOCK_IMAGES), so it does not
    depend on how many images are drawn. Drawn on the CPU: the same on every machine with a GPU or none.
    """
    drawn = torch.empty_like(grey)
    for start in range(0, len(grey), BLOCK_IMAGES):
        block = grey[start : start + BLOCK_IMAGES]
        generator = keyed_generator((*key, start // BLOCK_IMAGES))
        uniform = standard_uniform(
            generator, 1, BLOCK_IMAGES, grey.shape[1], torch.float32, torch.device("cpu")
        )
        drawn[start : start + len(block)] = uniform[0, : len(block)] < block
    return drawn


def at_threshold(grey: Tensor) -> Tensor:
    """1 where grey >= THRESHOLD, else 0, float32."""
    return (grey >= THRESHOLD).to(torch.float32)
