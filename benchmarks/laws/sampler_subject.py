"""A sampler as the laws see it: with the models that it is tried on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.cases import Case
from evidence_bench.benchmarks.laws.law import Outcome, joined, silent
from evidence_bench.estimators.base import LogWeights, Sampler
from evidence_bench.models.base import Model
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import Generator

ROUNDING = 1e-6  # nats; matrix products of other shapes round otherwise
_USUAL_K = 256


@dataclass(frozen=True)
class SamplerSubject:
    """A sampler under its name. ``rounding``: what counts as equal, in nats."""

    name: str
    sampler: Sampler
    cases: tuple[Case, ...]
    rounding: float = ROUNDING

    @property
    def k(self) -> int:
        """The number of evaluations a row that it is tried with."""
        return max(_USUAL_K, 2 * self.sampler.min_k)

    def draw(self, model: Model, x: Tensor, k: int, generator: Generator) -> Tensor:
        """log_w [B, n] for x."""
        with torch.no_grad():
            returned: object = self.sampler(model, x, k, generator)
        if not isinstance(returned, LogWeights) or not isinstance(returned.log_w, Tensor):
            raise TypeError(f"the sampler returned {type(returned).__name__}; return LogWeights(log_w).")
        return returned.log_w

    def over_cases(self, of_one: Callable[[Case], Outcome]) -> Outcome:
        """One of the outcomes on its models; where the sampler does not apply, nothing is said."""
        return joined((case.name, _said(of_one, case)) for case in self.cases)


def _said(of_one: Callable[[Case], Outcome], case: Case) -> Outcome:
    try:
        return of_one(case)
    except NotApplicable as error:
        return silent(str(error))
