"""Halves of an estimator from functions and objects, for those tried out in a plug-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from torch import Tensor

from evidence_bench.estimators.base import Bound, Expansion, Identity, LogWeights
from evidence_bench.estimators.catalogue import is_ours
from evidence_bench.models.base import Model
from evidence_bench.models.randomness import Generator

SAMPLER_DECLARES = ("iid", "identity", "exact_if_proposal_exact", "breaks", "min_k")
REDUCER_DECLARES = ("needs_iid", "symmetric", "bound", "expansion", "bias_order", "moments", "min_k")


@dataclass(frozen=True)
class FunctionReducer:
    """``function(log_w)``, of which nothing is declared: no bound, no order, any K, any weights."""

    function: Callable[[Tensor], Tensor]

    needs_iid: ClassVar[bool] = False
    symmetric: ClassVar[bool] = False
    bound: ClassVar[Bound] = Bound.NONE
    expansion: ClassVar[Expansion] = Expansion.NONE
    bias_order: ClassVar[int | None] = None
    moments: ClassVar[int] = 0
    min_k: ClassVar[int] = 1

    def __call__(self, log_w: Tensor) -> Tensor:
        """[...] for log_w [..., K]."""
        return self.function(log_w)

    def __repr__(self) -> str:
        return f"FunctionReducer({name_of(self.function)})"


@dataclass(frozen=True)
class FunctionSampler:
    """``function(model, x, k, generator)``, of which nothing is declared: no known mean, not iid."""

    function: Callable[[Model, Tensor, int, Generator], LogWeights]

    iid: ClassVar[bool] = False
    identity: ClassVar[Identity] = Identity.NONE
    exact_if_proposal_exact: ClassVar[bool] = False
    breaks: ClassVar[str] = "a function, of which nothing is declared"
    min_k: ClassVar[int] = 1

    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, K]."""
        return self.function(model, x, k, generator)

    def __repr__(self) -> str:
        return f"FunctionSampler({name_of(self.function)})"


def reducer_from(given: Any) -> Callable[..., Any]:
    """A dataclass as it is; an object that declares itself, or a function, as a class without options."""
    return _half_from(given, REDUCER_DECLARES, FunctionReducer)


def sampler_from(given: Any) -> Callable[..., Any]:
    """The same for a sampler."""
    return _half_from(given, SAMPLER_DECLARES, FunctionSampler)


def always(thing: Any) -> type:
    """A dataclass without options of which every instance is ``thing``."""

    @dataclass(frozen=True)
    class Always:
        def __new__(cls) -> Any:
            return thing

    return Always


def is_built_in(half: object) -> bool:
    """Whether a sampler or a reducer is ours, and not a plug-in's function in a class of ours."""
    return is_ours(type(half)) and not isinstance(half, FunctionReducer | FunctionSampler)


def name_of(function: object) -> str:
    """What a callable is called: its qualified name, its class's where it has none."""
    if isinstance(function, partial):
        return f"partial of {name_of(function.func)}"
    return getattr(function, "__qualname__", type(function).__qualname__)


def _half_from(given: Any, declares: tuple[str, ...], function_kind: type) -> Callable[..., Any]:
    if isinstance(given, type):
        return given
    if isinstance(given, partial) and isinstance(given.func, type):
        given = given()  # a class with some of its options filled in
    if any(hasattr(given, name) for name in declares):
        return always(given)
    return always(function_kind(given))
