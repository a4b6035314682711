"""What is measured on: a model, its data points and the truth about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evidence_bench.benchmarks.command.headway import report
from evidence_bench.benchmarks.references import reference_of
from evidence_bench.benchmarks.references.names import name_of
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.models.base import HasData, Model
from evidence_bench.models.catalogue import Entry, build
from evidence_bench.models.offers import moments_of, moved
from evidence_bench.models.randomness import KeyedDraws, keyed_generator

POINTS_APART = 10_000  # of the words on how far simulated data are: a fifth of a second


@dataclass(frozen=True)
class Loaded:
    """A model with B data points, on its device and in its dtype, and what its noise is keyed by."""

    name: str
    model: Model
    x: Tensor
    key: str


@dataclass(frozen=True)
class Subject:
    """A model with B data points, the reference log p(x) [B] in nats, and c2, c3 [B] where known."""

    name: str
    model: Model
    x: Tensor
    reference: np.ndarray
    reference_stderr: np.ndarray
    c2: np.ndarray | None
    c3: np.ndarray | None
    truth: str
    lower: np.ndarray | None = None  # bounds on log p(x) [B] in expectation, where the reference has them
    upper: np.ndarray | None = None
    reference_degrees: np.ndarray | float = np.inf  # [B] of freedom of the reference's standard error
    reference_doubtful: np.ndarray | bool = False  # [B]: where its error does not cover what was seen
    key: str = ""  # what the noise of its draws is keyed by; empty: its name

    @cached_property
    def x_group(self) -> np.ndarray:
        """Of each data point [B] the first with the same bytes: equal points have one reference."""
        return groups_of(self.x)

    @property
    def exact(self) -> bool:
        """Whether the truth is known at all."""
        return bool(np.isfinite(self.reference).all())


def load_subject(
    text: str, settings: Settings, known: Mapping[str, Entry] | None = None, name: str = ""
) -> Subject:
    """The subject of a model's name, on the device and in the dtype of the settings.

    ``name`` is what tables call it, where that is not its canonical name.
    """
    return subject_of(load_model(text, settings, known, name), settings)


def load_model(
    text: str, settings: Settings, known: Mapping[str, Entry] | None = None, name: str = ""
) -> Loaded:
    """``load_subject`` before the truth about the model is asked for."""
    built = build(text, known)
    name, model = name or built.name, built.model
    x = data_points(name, model, settings.points)
    dtype = getattr(torch, settings.dtype) if settings.dtype else x.dtype
    x = x.to(device=settings.device, dtype=dtype)
    model = moved(model, x.device, dtype)
    return Loaded(name, model, x, built.key)


def subject_of(loaded: Loaded, settings: Settings) -> Subject:
    """The model on its data points with the truth about them."""
    name, model, x = loaded.name, loaded.model, loaded.x
    truth = reference_of(model, x, settings.reference)
    c2, c3 = _moments(model, x)
    known_to = (truth.log_evidence, truth.stderr)
    bounds = truth.lower, truth.upper
    known_how = (truth.degrees, truth.doubtful)
    return Subject(name, model, x, *known_to, c2, c3, truth.how, *bounds, *known_how, loaded.key)


def data_points(name: str, model: Any, n: int, what: str = "data") -> Tensor:
    """The model's own data, or n draws from it; point i is the same for every n, seed and proposal.

    ``what`` they are, for who watches.
    """
    if isinstance(model, HasData):
        return model.data(n)
    kind = name.split("[")[0]  # options of a proposal must not change the data
    generators = []
    for i in range(n):
        if i % POINTS_APART == 0:
            report(what, i, n)
        generators.append(keyed_generator(("data", kind, "point", i)))
    simulated: Tensor = model.simulate(n, KeyedDraws(tuple(generators), block=1)).x
    report(what, n, n)
    return simulated


def groups_of(x: Tensor) -> np.ndarray:
    """[B]: of each row of x [B, ...] the index of the first that has the same bytes."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(name_of(row), i) for i, row in enumerate(x)])


def _moments(model: Model, x: Tensor) -> tuple[np.ndarray | None, np.ndarray | None]:
    moments = moments_of(model, x)
    if moments is None:
        return None, None
    return _as_array(moments.c2), _as_array(moments.c3)


def _as_array(values: Tensor) -> np.ndarray:
    return np.asarray(values.detach().double().cpu().numpy())
