"""A reducer from a plain function, for estimators tried out in a plug-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from torch import Tensor

from estimators.base import Bound, Expansion


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
        return f"FunctionReducer({self.function.__qualname__})"


def reducer_from(given: Callable[..., Any]) -> Callable[..., Any]:
    """A dataclass as it is; a function as a FunctionReducer class without options."""
    if isinstance(given, type):
        return given

    @dataclass(frozen=True, repr=False)
    class Wrapped(FunctionReducer):
        function: Callable[[Tensor], Tensor] = field(default_factory=lambda: given, init=False)

    return Wrapped
