"""A finished run as the papers' tables read it: images by estimator, latent units, trainings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence_bench.benchmarks.papers.sheet import Value
from evidence_bench.benchmarks.papers.trained import TrainedAs
from evidence_bench.benchmarks.record.configuration import read_earlier
from evidence_bench.benchmarks.record.store import RunFolder, StoredCell
from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.study.settings import Cell


@dataclass(frozen=True)
class Measured:
    """Finished cells by (model, estimator, K); units and trainings by model."""

    cells: dict[tuple[str, str, int], StoredCell]
    units: dict[str, dict[str, Any]]
    trained: dict[str, TrainedAs]

    @staticmethod
    def of(folder: RunFolder, cells: Iterable[Cell]) -> Measured:
        """All that is finished; models that no recipe made have no training."""
        done = [cell for cell in cells if folder.finished(cell)]
        stored = {(c.model, c.estimator, c.k): folder.load_cell(c) for c in done}
        models = list(dict.fromkeys(cell.model for cell in done))
        facts = read_earlier(folder.path).models
        trained = {name: TrainedAs.of(facts.get(name, {})) for name in models}
        return Measured(
            stored,
            {name: folder.units(name) for name in models},
            {name: one for name, one in trained.items() if one is not None},
        )

    @property
    def models(self) -> list[str]:
        """In the order of the study."""
        return list(dict.fromkeys(model for model, _, _ in self.cells))

    def largest_k(self, estimator: str, *models: str) -> int | None:
        """The largest K at which the estimator was measured on all of the models."""
        ks = [{k for m, e, k in self.cells if (m, e) == (model, estimator)} for model in models]
        return max(set.intersection(*ks), default=None)

    def images(self, model: str, estimator: str, k: int | None) -> Array | None:
        """Mean over replicates of the estimate of each image [B], nats; None where it was not measured."""
        stored = self.cells.get((model, estimator, k)) if k is not None else None
        return None if stored is None else np.asarray(stored.arrays["estimates"].mean(axis=0))

    def active(self, model: str) -> tuple[int, ...]:
        """The number of active units of each stochastic layer; empty where they were not measured."""
        units = self.units.get(model, {})
        return tuple(
            sum(value > units["active_above"] for value in layer["activity"])
            for layer in units.get("layers", [])
        )

    def same_images(self, one: str, other: str) -> bool:
        """Whether the two models were measured on the same images: test images with all facts equal.

        What two models simulate are other images.
        """
        pair = self.trained.get(one), self.trained.get(other)
        return all(t and t.on_test for t in pair) and len({t.images for t in pair if t}) == 1


def joined(active: tuple[int, ...]) -> str:
    """'16+5'; empty where nothing was measured."""
    return "+".join(map(str, active))


def less(value: Value, published: float) -> Value:
    """The difference to a printed figure, which has no error of its own."""
    return Value(value.value - published, value.stderr)
