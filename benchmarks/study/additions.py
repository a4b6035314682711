"""What a plug-in may add: halves of an estimator and models, looked at when they are handed in.

Each is a dataclass, whose fields are its options, or an object as it is; halves may be functions too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from evidence_bench.models.errors import BenchError

MODEL_OFFERS = ("log_joint", "proposal")


class BadPlugin(BenchError):
    """A plug-in that cannot be loaded."""


def sampler_kind(given: Any, what: str) -> Callable[..., Any]:
    """The class of a sampler handed in as a class, an object or a function; BadPlugin names what is wrong."""
    from evidence_bench.estimators.function import SAMPLER_DECLARES, sampler_from

    return _half_kind(given, what, SAMPLER_DECLARES, sampler_from)


def reducer_kind(given: Any, what: str) -> Callable[..., Any]:
    """The same for a reducer."""
    from evidence_bench.estimators.function import REDUCER_DECLARES, reducer_from

    return _half_kind(given, what, REDUCER_DECLARES, reducer_from)


def model_kind(given: Any, what: str) -> Callable[..., Any]:
    """The class of a model handed in as a dataclass or as an object."""
    from evidence_bench.estimators.function import always

    require_parts(given, MODEL_OFFERS, what)
    if not (hasattr(given, "data") or hasattr(given, "simulate")):
        raise BadPlugin(f"{what} has neither data(n) nor simulate(n, generator); add one.")
    if isinstance(given, type):
        require_dataclass(given, what)
        return given
    return always(given)


def _half_kind(
    given: Any, what: str, declares: tuple[str, ...], kind_from: Callable[[Any], Callable[..., Any]]
) -> Callable[..., Any]:
    if not callable(given):
        raise BadPlugin(
            f"{what} is {given!r}, which cannot be called; hand in a class, an object or a function."
        )
    if isinstance(given, type):
        require_dataclass(given, what)
    try:
        kind = kind_from(given)
    except Exception as error:
        raise BadPlugin(f"{what} cannot be made ({type(error).__name__}: {error}); correct it.") from error
    made = given if isinstance(given, type) else kind()
    require_parts(made, (*declares, "__call__"), what)
    _require_values(made, what)
    return kind


def require_dataclass(given: type, what: str) -> None:
    """BadPlugin unless the class is a dataclass."""
    if not is_dataclass(given):
        raise BadPlugin(
            f"{what} is no dataclass; decorate the class with @dataclass(frozen=True), or hand in an object "
            "of the class."
        )


def require_parts(given: Any, wanted: tuple[str, ...], what: str) -> None:
    """BadPlugin unless it has all the attributes that are wanted of it, be it as fields."""
    names = {field.name for field in fields(given)} if is_dataclass(given) else set()
    missing = [name for name in wanted if not hasattr(given, name) and name not in names]
    if missing:
        raise BadPlugin(f"{what} lacks {', '.join(missing)}; the built-in ones show what these mean.")


def _require_values(made: Any, what: str) -> None:
    """BadPlugin where a declaration that is a plain value is not of the kind it has in the built-in ones."""
    from evidence_bench.estimators.base import Bound, Expansion, Identity

    kinds: dict[str, type] = {"iid": bool, "needs_iid": bool, "symmetric": bool, "identity": Identity}
    kinds |= {"bound": Bound, "expansion": Expansion}
    for name, kind in kinds.items():
        value = getattr(made, name, None)
        declared = hasattr(made, name) and not isinstance(value, property)
        if declared and not isinstance(value, kind):
            legal = "True or False" if kind is bool else f"one of estimators.base.{kind.__name__}"
            raise BadPlugin(f"{what} declares {name} = {value!r}; make it {legal}.")
