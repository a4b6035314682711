"""Finished runs made of numbers, and trainings as provenance tells them."""

from __future__ import annotations

import numpy as np

from evidence_bench.benchmarks.papers.measured import Measured
from evidence_bench.benchmarks.papers.trained import TrainedAs
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.study.settings import Cell

ABOVE = 0.01


def stage(objective, k, passes, order=1):
    return {"objective": objective, "k": k, "order": order, "options": {"passes": passes, "schedule": "held"}}


def trained(*stages, layers=1, data="mnist", split="test", origin="a sha256 0"):
    """A training by these stages, the last of which is the recipe; measured on that split."""
    *earlier, last = stages
    recipe = {
        **last,
        "architecture": {"latents": [50] if layers == 1 else [100, 50]},
        "origin": origin,
        "earlier": [{"passes": one["options"]["passes"], "recipe": one} for one in earlier],
    }
    facts = {"dataset": data, "variant": "28 x 28", "split": split, "binarisation": "dynamic"}
    return TrainedAs.of({**facts, "recipe": recipe, "data_sha256": "1", "checkpoint_sha256": "2"})


def stored(model, estimator, k, estimates, reference=np.nan, reference_stderr=0.0):
    """A cell of estimates [R, B]."""
    estimates = np.atleast_2d(np.asarray(estimates, dtype=float))
    points = estimates.shape[1]
    arrays = {
        "estimates": estimates,
        "reference": np.broadcast_to(np.asarray(reference, dtype=float), (points,)),
        "reference_stderr": np.broadcast_to(np.asarray(reference_stderr, dtype=float), (points,)),
        "reference_degrees": np.full(points, np.inf),
        "reference_doubtful": np.zeros(points),
        "x_group": np.arange(points),
    }
    return StoredCell(Cell(model, estimator, k), {}, arrays, None)


def measured(cells, told, activity=None):
    """A run of these cells; ``activity`` by model is that of its units, a list a layer."""
    units = {
        name: {
            "layers": [{"activity": layer, "kl": [value * 2 for value in layer]} for layer in layers],
            "active_above": ABOVE,
        }
        for name, layers in (activity or {}).items()
    }
    return Measured({(c.cell.model, c.cell.estimator, c.cell.k): c for c in cells}, units, told)


def column(sheet, name):
    """The cells of a column by heading."""
    place = [one.name for one in sheet.columns].index(name)
    return [row[place] for row in sheet.rows]
