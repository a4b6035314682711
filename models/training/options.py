"""The options of a training run."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from evidence_bench.models.errors import BadOption
from evidence_bench.models.training.schedules import SCHEDULES


@dataclass(frozen=True)
class Training:
    """AdamW on batches without replacement, with a learning rate that the schedule turns down.

    ``weight_decay`` is decoupled from the gradient: 0 is Adam. ``epsilon`` is Adam's. Each pass is
    validated by at least ``validation_weights`` log weights an image. ``save_every`` counts passes.
    """

    passes: int
    seed: int
    batch: int = 20
    learning_rate: float = 1e-3
    schedule: str = "held"
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    validation_weights: int = 64
    save_every: int = 1

    def __post_init__(self) -> None:
        for name in ("passes", "batch", "validation_weights", "save_every"):
            if getattr(self, name) < 1:
                raise BadOption(f"A training needs {name} of at least 1, not {getattr(self, name)}.")
        if self.schedule not in SCHEDULES:
            raise BadOption(f"There is no schedule '{self.schedule}'; take one of {', '.join(SCHEDULES)}.")
        if not all(0 < value < inf for value in (self.learning_rate, self.epsilon)):
            raise BadOption("The learning rate and epsilon are finite numbers above 0; correct them.")
        if not 0 <= self.weight_decay < inf:
            raise BadOption(f"The weight decay is a finite number from 0, not {self.weight_decay}.")
