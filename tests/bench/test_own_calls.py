"""What is measured is what was handed in: no subclass, wrapper or look-alike is taken for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from evidence_bench.benchmarks.measuring.measurement import Failure, measure
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.reducers import Delta, Jackknife, LogMeanExp, Mean
from evidence_bench.estimators.reducers.nested import together
from evidence_bench.estimators.samplers.proposal import FromProposal
from tests.bench.test_gathering_cost import draw_of

SHIFT = 100.0
KS = (4, 8)


def shifted(base: type) -> Any:
    """A subclass whose value is that of its base and 100."""

    @dataclass(frozen=True)
    class Plus(base):
        def __call__(self, log_w: torch.Tensor) -> torch.Tensor:
            return super().__call__(log_w) + SHIFT

    return Plus()


@dataclass(frozen=True)
class OfSumsAlone(LogMeanExp):
    """Its value is that of its base; the way through sums is another."""

    def of_sums(self, sums: Any) -> torch.Tensor:
        return super().of_sums(sums) + SHIFT


@dataclass(frozen=True)
class WithField(Mean):
    """One field more, which its __call__ uses."""

    plus: float = SHIFT

    def __call__(self, log_w: torch.Tensor) -> torch.Tensor:
        return super().__call__(log_w) + self.plus


class Wrapper:
    """Hands on every attribute of another reducer, and adds to its value."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __call__(self, log_w: torch.Tensor) -> torch.Tensor:
        return self.inner(log_w) + SHIFT


def with_attribute() -> LogMeanExp:
    """One object whose ``of_sums`` is its own."""
    reducer = LogMeanExp()
    object.__setattr__(reducer, "of_sums", lambda sums: LogMeanExp().of_sums(sums) + SHIFT)
    return reducer


CASES = {
    "iwae": (shifted(LogMeanExp), LogMeanExp(), SHIFT),
    "elbo": (shifted(Mean), Mean(), SHIFT),
    "dvi": (shifted(Delta), Delta(), SHIFT),
    "jvi": (shifted(Jackknife), Jackknife(), SHIFT),
    "sums alone": (OfSumsAlone(), LogMeanExp(), 0.0),
    "field": (WithField(), Mean(), SHIFT),
    "wrapper": (Wrapper(LogMeanExp()), LogMeanExp(), SHIFT),
    "attribute": (with_attribute(), LogMeanExp(), 0.0),
}


def estimates(*reducers: Any) -> list[np.ndarray]:
    """Those of each reducer on the same weights, [K, R, B]."""
    named = [Estimator(f"e{i}", FromProposal(), reducer) for i, reducer in enumerate(reducers)]
    draw, settings = draw_of("lognormal", named, KS, 5, 3)
    outcomes = list(measure(draw, settings))
    assert not [one for one in outcomes if isinstance(one, Failure)]
    by = {(o.cell.estimator, o.cell.k): o.arrays["estimates"] for o in outcomes}
    return [np.stack([by[e.name, k] for k in KS]) for e in named]


@pytest.mark.parametrize("case", CASES)
def test_a_reducer_is_called_however_much_it_shares_with_a_built_in(case):
    mine, built_in, difference = CASES[case]
    of_mine, of_built_in = estimates(mine, built_in)
    np.testing.assert_allclose(of_mine, of_built_in + difference, rtol=0, atol=1e-11)


def test_two_reducers_of_one_repr_are_two():
    def twin(shift: float) -> Any:
        class Twin(LogMeanExp):
            def __call__(self, log_w: torch.Tensor) -> torch.Tensor:
                return super().__call__(log_w) + shift

            def of_sums(self, sums: Any) -> torch.Tensor:
                return super().of_sums(sums) + shift

            def __repr__(self) -> str:
                return "Twin()"

        return Twin()

    first, second = twin(0.0), twin(SHIFT)
    assert len(together([(first, 4), (second, 4)])) == 2
    of_first, of_second = estimates(first, second)
    np.testing.assert_allclose(of_second, of_first + SHIFT, rtol=0, atol=1e-11)
