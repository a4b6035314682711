"""One training run: the network, its optimiser, its learning curve, and the best weights so far."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from evidence_bench.models.errors import BadTraining, BadWeights
from evidence_bench.models.networks.observations import BernoulliObservation
from evidence_bench.models.randomness import keyed_generator
from evidence_bench.models.training.objectives import Maximised
from evidence_bench.models.training.options import Training
from evidence_bench.models.training.progress import Point
from evidence_bench.models.training.schedules import SCHEDULES
from evidence_bench.models.vaes.vae import VAE

Tensors = dict[str, Tensor]
VALIDATION_BATCH = 100
MOST_NAMED = 20  # images in a sentence


class Run:
    """Every number of pass n follows from the weights, the optimiser and (seed, n): so a run can go on."""

    def __init__(self, model: VAE, objective: Maximised, options: Training) -> None:
        self.model, self.objective, self.options = model, objective, options
        # A scale is no weight: shrinking its logarithm would pull it to some number of no meaning.
        scales = [parameter for parameter in model.parameters() if parameter.ndim == 0]
        weights = [parameter for parameter in model.parameters() if parameter.ndim > 0]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": weights, "weight_decay": options.weight_decay},
                *([{"params": scales, "weight_decay": 0.0}] if scales else []),
            ],
            lr=options.learning_rate,
            eps=options.epsilon,
            fused=True,
        )
        self.curve: list[Point] = []
        self.best = _copied(model)

    @property
    def passes(self) -> int:
        """Passes done."""
        return len(self.curve)

    @property
    def best_point(self) -> Point:
        """Where the validation objective was highest."""
        return max(self.curve, key=lambda point: point.validation)

    def one_pass(self, x: Tensor, held_out: Tensor) -> Point:
        """Train on x [N, D] once, validate on ``held_out``; BadTraining where a number is not finite."""
        started = time.perf_counter()
        training = self._train(x)
        if training > 0 and isinstance(self.model.observation, BernoulliObservation):
            raise BadTraining(self._ran_away(training))
        validation = self._validate(held_out)
        seconds = time.perf_counter() - started + (self.curve[-1].seconds if self.curve else 0.0)
        self.curve.append(Point(self.passes + 1, training, validation, seconds))
        if self.best_point is self.curve[-1]:
            self.best = _copied(self.model)
        return self.curve[-1]

    def _train(self, x: Tensor) -> float:
        generator = keyed_generator((self.options.seed, "training", self.passes + 1))
        order = torch.randperm(len(x), generator=generator)
        batches = torch.split(order, self.options.batch)
        total = 0.0
        for number, rows in enumerate(batches):
            self._set_learning_rate((self.passes + number / len(batches)) / self.options.passes)
            total += self._step(number, rows, x[rows], generator) * len(rows)
        return total / len(x)

    def _step(self, batch: int, rows: Tensor, x: Tensor, generator: torch.Generator) -> float:
        """One step up the mean objective of x, which is returned."""
        try:
            mean = self.objective(self.model, x, generator).mean()
        except BadWeights as error:
            raise BadTraining(self._not_finite(batch, rows, x)) from error
        value = float(mean.detach())
        if not math.isfinite(value):
            raise BadTraining(self._not_finite(batch, rows, x))
        self.optimiser.zero_grad()
        torch.autograd.backward(-mean)
        self.optimiser.step()
        return value

    def _set_learning_rate(self, done: float) -> None:
        rate = self.options.learning_rate * SCHEDULES[self.options.schedule](done)
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def _not_finite(self, batch: int, rows: Tensor, x: Tensor) -> str:
        where = f"The objective is not finite in pass {self.passes + 1}, batch {batch + 1}"
        bad = rows[~x.isfinite().all(-1)]
        if len(bad):
            return f"{where}: a pixel is not finite in the training images {_listed(bad)}; mend these images."
        return (
            f"{where}, which holds the training images {_listed(rows)}; look at these images, or train with "
            "a lower learning rate."
        )

    def _ran_away(self, value: float) -> str:
        """The jackknife is no bound: where the weights spread, it can be driven up without end."""
        return (
            f"The objective is {value:.3g} nats over pass {self.passes + 1}, above 0, which no log "
            "probability of zeros and ones is: it ran away from what it estimates. Train by iwae, or try a "
            "lower --order, more --k or a lower learning rate."
        )

    def _validate(self, x: Tensor) -> float:
        """The objective on x, with the same noise after every pass."""
        generator = keyed_generator((self.options.seed, "validation"))
        times = max(1, self.options.validation_weights // self.objective.k)
        try:
            parts = torch.split(x, VALIDATION_BATCH)
            values = [self.objective.validate(self.model, part, times, generator).double() for part in parts]
            value = float(torch.cat(values).mean())
        except BadWeights as error:
            raise BadTraining(self._not_valid()) from error
        if not math.isfinite(value):
            raise BadTraining(self._not_valid())
        return value

    def _not_valid(self) -> str:
        return (
            f"The objective on the validation split is not finite after pass {self.passes + 1}; "
            "train with a lower learning rate."
        )

    def tensors(self) -> Tensors:
        """All that the next pass depends on, by names such as ``weights/...``."""
        moments = {
            f"optimiser/{number}/{name}": value
            for number, state in self.optimiser.state_dict()["state"].items()
            for name, value in state.items()
        }
        weights = {f"weights/{name}": value for name, value in self.model.state_dict().items()}
        return {**moments, **weights, **{f"best/{name}": value for name, value in self.best.items()}}

    def restore(self, tensors: Mapping[str, Tensor], curve: list[Point]) -> None:
        """Go on from what ``tensors`` and the curve say."""
        self.curve = list(curve)
        self.best = _under(tensors, "best/")
        self.model.load_state_dict(_under(tensors, "weights/"))
        state: dict[int, dict[str, Any]] = {}
        for name, value in _under(tensors, "optimiser/").items():
            number, _, which = name.partition("/")
            state.setdefault(int(number), {})[which] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})


def _copied(model: VAE) -> Tensors:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _listed(rows: Tensor) -> str:
    return ", ".join(map(str, rows.tolist()[:MOST_NAMED])) + (", ..." if len(rows) > MOST_NAMED else "")


def _under(tensors: Mapping[str, Tensor], prefix: str) -> Tensors:
    found = {name: value for name, value in tensors.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): value for name, value in found.items()}
