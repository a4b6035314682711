"""The training loop: maximise the mean over data points of an objective of the log weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from models.randomness import keyed_generator
from models.vae import VAE

Objective = Callable[[Tensor], Tensor]
Progress = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Training:
    """Options of a run: AdamW, a cosine schedule, batches without replacement, ``k`` weights a data point.

    The strong weight decay keeps a decoder of a small data set smooth, and its posteriors near one mode.
    """

    passes: int
    seed: int
    k: int = 1
    batch: int = 50
    learning_rate: float = 3e-3
    weight_decay: float = 0.5
    validation_k: int = 64


@dataclass(frozen=True)
class Trained:
    """The weights of the pass with the highest validation objective, and that pass and value (nats)."""

    model: VAE
    best_pass: int
    validation: float


def log_weights(model: VAE, x: Tensor, k: int, generator: torch.Generator) -> Tensor:
    """log_w [B, k] by draws from the encoder, differentiable in every parameter."""
    proposal = model.proposal(x)
    z, log_q = proposal.draw(proposal.noise(k, generator))
    return model.log_joint(x, z) - log_q


def train(
    model: VAE, x: Tensor, held_out: Tensor, objective: Objective, options: Training, progress: Progress
) -> Trained:
    """Train ``model`` in place on x [N, D]; ``held_out``, never the test split, picks the pass.

    ``objective`` maps log_w [B, k] to [B]; ``progress`` is told pass, training and validation objective.
    """
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, options.passes)
    best = Trained(copy.deepcopy(model), 0, -float("inf"))
    for number in range(1, options.passes + 1):
        trained = _one_pass(model, x, objective, options, optimiser, number)
        schedule.step()
        validation = _validate(model, held_out, objective, options)
        progress(number, trained, validation)
        if validation > best.validation:
            best = Trained(copy.deepcopy(model), number, validation)
    return best


def _one_pass(
    model: VAE,
    x: Tensor,
    objective: Objective,
    options: Training,
    optimiser: torch.optim.Optimizer,
    number: int,
) -> float:
    generator = keyed_generator((options.seed, "training", number))
    order = torch.randperm(len(x), generator=generator)
    total = 0.0
    for rows in torch.split(order, options.batch):
        loss = -objective(log_weights(model, x[rows], options.k, generator)).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        total -= float(loss.detach()) * len(rows)
    return total / len(x)


@torch.no_grad()
def _validate(model: VAE, x: Tensor, objective: Objective, options: Training) -> float:
    """The objective on x, with the same noise after every pass."""
    generator = keyed_generator((options.seed, "validation"))
    draws = options.validation_k
    log_w = log_weights(model, x, options.k * draws, generator)
    return float(objective(log_w.reshape(-1, options.k)).mean())
