"""Networks that were left in training mode, found by walking whatever a model holds."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

MOST = 10_000  # objects looked into
DEEPEST = 6
SHOWN = 3


@dataclass(frozen=True)
class Training:
    """A module in training mode, where it hangs, and what that makes the model: random or coupled."""

    path: str
    kind: str
    random: bool


def in_training(model: Any) -> list[Training]:
    """Every module of a model in training mode that is random there, or couples the rows of a batch."""
    found = []
    for path, root in networks_of(model):
        for name, module in root.named_modules():
            if module.training and (_random(module) or isinstance(module, _BatchNorm)):
                where = ".".join(filter(None, (path, name)))
                found.append(Training(where, type(module).__name__, _random(module)))
    return found


def remedy(found: list[Training], *, random: bool) -> str:
    """What to do about modules of that kind, "" where there are none."""
    of_kind = [f"{one.path} ({one.kind})" for one in found if one.random == random]
    if not of_kind:
        return ""
    more = f" and {len(of_kind) - SHOWN} more" if len(of_kind) > SHOWN else ""
    are = "are" if len(of_kind) > 1 else "is"
    return (
        f"{', '.join(of_kind[:SHOWN])}{more} {are} in training mode: "
        f"call .eval() on the network before it is used."
    )


def networks_of(model: Any) -> Iterator[tuple[str, nn.Module]]:
    """(path, network) of each that a model holds: in fields, lists, closures, or globals its methods name."""
    seen: set[int] = set()
    todo: list[tuple[str, Any, int]] = [("", model, 0)]
    while todo and len(seen) < MOST:
        path, thing, depth = todo.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, nn.Module):
            yield path, thing
            continue  # its own modules are walked by named_modules
        if depth < DEEPEST:
            todo += [(".".join(filter(None, (path, name))), part, depth + 1) for name, part in _parts(thing)]


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, by name."""
    if isinstance(thing, str | bytes | int | float | Tensor | types.ModuleType) or thing is None:
        return
    if isinstance(thing, dict):
        yield from ((str(key), value) for key, value in thing.items())
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from ((str(i), value) for i, value in enumerate(thing))
    elif isinstance(thing, types.FunctionType | types.MethodType):
        yield from _reached(thing)
    elif not isinstance(thing, type):
        yield from getattr(thing, "__dict__", {}).items()
        for kind in type(thing).__mro__:
            if kind.__module__.split(".")[0] not in ("builtins", "torch", "numpy"):
                yield from (
                    ("", value) for value in vars(kind).values() if isinstance(value, types.FunctionType)
                )
                yield from ((n, value) for n, value in vars(kind).items() if isinstance(value, nn.Module))


def _reached(function: types.FunctionType | types.MethodType) -> Iterator[tuple[str, Any]]:
    """The variables of enclosing functions, and the networks among the globals that a function names."""
    plain = function.__func__ if isinstance(function, types.MethodType) else function
    if not isinstance(plain, types.FunctionType):
        return
    for name, cell in zip(plain.__code__.co_freevars, plain.__closure__ or (), strict=False):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            continue
    named = ((name, plain.__globals__.get(name)) for name in plain.__code__.co_names)
    yield from ((name, value) for name, value in named if isinstance(value, nn.Module))


def _random(module: nn.Module) -> bool:
    """Whether a module draws random numbers in training mode."""
    if isinstance(module, _DropoutNd):
        return module.p > 0
    if isinstance(module, nn.RReLU):
        return True
    return isinstance(module, nn.RNNBase | nn.MultiheadAttention) and float(module.dropout) > 0
