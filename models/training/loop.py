"""The training loop: maximise the mean over data points of an objective of the log weights."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.models.training.objectives import Maximised
from evidence_bench.models.training.options import Training
from evidence_bench.models.training.progress import Point, Progress
from evidence_bench.models.training.run import Run
from evidence_bench.models.vaes.vae import VAE

Images = Callable[[int], Tensor]  # number of the pass, from 1 -> x [N, D]


@dataclass(frozen=True)
class Trained:
    """The weights of the pass with the highest validation objective, that pass, and the learning curve."""

    model: VAE
    best: Point
    curve: tuple[Point, ...]


def train(
    model: VAE,
    images: Images,
    held_out: Tensor,
    objective: Maximised,
    options: Training,
    progress: Progress,
    save: Callable[[Run], None] | None = None,
    restore: Callable[[Run], None] | None = None,
) -> Trained:
    """Train ``model`` in place; ``held_out`` [N, D], never of the test split, picks the pass.

    ``images`` gives what a pass is trained on. ``restore`` is called before the first pass, ``save`` after
    every ``options.save_every`` and after the last. BadTraining where a number is not finite.
    """
    run = Run(model, objective, options)
    if restore:
        restore(run)
    with flushed_denormals():
        for number in range(run.passes + 1, options.passes + 1):
            point = run.one_pass(images(number), held_out)
            if save and (number % options.save_every == 0 or number == options.passes):
                save(run)
            progress(point)
    model.load_state_dict(run.best)
    return Trained(model, run.best_point, tuple(run.curve))


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Numbers below 1e-38 become 0: most self-normalised weights are, and each would cost 100 cycles."""
    before = sys.float_info.min / 2 == 0  # torch does not tell its setting, but it is that of the processor
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
