"""A reducer as the laws see it: with the K that it takes, and rows of so many weights to try it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.rows import rows_of, rows_with_zeros
from evidence_bench.benchmarks.measuring.failure import sentence_of
from evidence_bench.estimators.base import Reducer
from evidence_bench.estimators.function import FunctionReducer

TRIED = (9, 8, 12, 10, 16, 32, 64, 128, 256, 512)  # K, the first of which that is taken is used
ROUNDING = 1e-6  # relative to max(1, abs value): what a constant kept in float32 costs


@dataclass(frozen=True)
class ReducerSubject:
    """A reducer under its name. ``rounding``: what counts as equal, relative to max(1, abs value)."""

    name: str
    reducer: Reducer
    rounding: float = ROUNDING

    @property
    def declares(self) -> bool:
        """Whether anything is declared; of a plain function nothing is."""
        return not isinstance(self.reducer, FunctionReducer)

    @cached_property
    def k(self) -> int:
        """The number of weights that it is tried at; 0 where it takes none of those tried."""
        return next((k for k in TRIED if k >= self.reducer.min_k and self.takes(k)), 0)

    def takes(self, k: int) -> bool:
        """Whether it gives a value for k weights."""
        return not self.refusal(k)

    def refusal(self, k: int) -> str:
        """Why it gives no value for k weights, empty where it does."""
        try:
            values = self.values(torch.zeros(2, k, dtype=torch.float64))
        except Exception as error:
            return f"raises {sentence_of(error)}"
        shape = tuple(getattr(values, "shape", ()))
        return "" if shape == (2,) else f"gives shape {shape} for log_w (2, {k})"

    @cached_property
    def finite(self) -> Mapping[str, Tensor]:
        """Rows [k] without a weight of zero, by name."""
        return rows_of(self.k)

    @cached_property
    def with_zeros(self) -> Mapping[str, Tensor]:
        """Rows [k] with weights of zero, by name."""
        return rows_with_zeros(self.k)

    def values(self, rows: Tensor) -> Tensor:
        """The reducer's values without a gradient; the rows are its own to spoil."""
        with torch.no_grad():
            return self.reducer(rows.clone())


def stacked(rows: Mapping[str, Tensor]) -> Tensor:
    """[rows, k]."""
    return torch.stack(list(rows.values()))


def differences(got: Tensor, expected: Tensor) -> Tensor:
    """abs(got - expected) / max(1, abs expected) in float64; inf where only one is infinite, or one NaN."""
    got, expected = got.detach().double(), expected.detach().double()
    apart = (got - expected).abs() / expected.abs().clamp(min=1)
    same = (got == expected) | (got.isnan() & expected.isnan())  # equal infinities among them
    return torch.where(same, 0.0, apart.nan_to_num(nan=torch.inf))


def unusable(subject: ReducerSubject) -> str:
    """Why no law of values can be tried, empty where they can."""
    return "" if subject.k else "it takes none of the K that were tried."
