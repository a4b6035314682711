"""The sum of log(1 + exp(a)) over pixels: what the usual code waits for on a CPU, not its matrix products.

A logarithm costs many multiplications, so one is taken of a product of up to 64 factors 1 + exp(-|a|), which
lie in (1, 2] and cannot overflow: log(1 + exp(a)) = max(a, 0) + log(1 + exp(-|a|)).
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

MOST_FACTORS = 64  # an odd width can double it to 127 in one column: 2^127 is the largest power in float32
LANES = 16  # float32 numbers in the widest CPU register: one product runs in each
WORTH_COMPILING = 1e11  # pixels times evaluations: about 25 s are saved, and compiling takes about 10
Kernel = Callable[[Tensor, Tensor], Tensor]

_chosen: dict[str, str] = {}
_failed: list[str] = []  # why the compiler failed, if it did

_expected: ContextVar[float] = ContextVar("expected evaluations", default=0.0)


@contextmanager
def expecting(evaluations: float) -> Iterator[None]:
    """Says how many evaluations of a decoder the work inside will need, in all its calls."""
    token = _expected.set(evaluations)
    try:
        yield
    finally:
        _expected.reset(token)


@dataclass(frozen=True)
class Choice:
    """Which form of the sum is used, and why."""

    compiled: bool
    reason: str


def choose(pixels: int, dtype: torch.dtype, device: torch.device) -> Choice:
    """Compiled where a compiler is there and the work that is expected outlives its compilation.

    The rule looks at dtype, device, compiler and the amount of work alone, never at a timing.
    """
    if dtype != torch.float32:
        return Choice(False, f"eager: compiled for float32 only, not {str(dtype).removeprefix('torch.')}")
    missing = _missing_compiler(device.type)
    if missing:
        return Choice(False, f"eager: {missing}")
    if pixels * _expected.get() < WORTH_COMPILING:
        return Choice(False, "eager: the work would not outlive its compilation")
    return Choice(True, "compiled")


@cache
def _missing_compiler(device: str) -> str:
    if device == "cpu":
        found = any(shutil.which(name) for name in ("g++", "clang++", "cl"))
        return "" if found else "no C++ compiler was found"
    found = importlib.util.find_spec("triton") is not None
    return "" if found else f"triton, which compiles for {device}, is not installed"


def kernel(pixels: int, dtype: torch.dtype, device: torch.device) -> Kernel:
    """(a [rows, pixels], bias [pixels]) -> sum of log(1 + exp(a + bias)) [rows]; a is written over."""
    choice = choose(pixels, dtype, device)
    _chosen[f"{pixels} pixels, {str(dtype).removeprefix('torch.')}, {device.type}"] = choice.reason
    return _compiled() if choice.compiled else eager_sum


def describe(pixels: int, dtype: torch.dtype, device: torch.device) -> str:
    """The form that ``kernel`` takes for these, and why."""
    reason = choose(pixels, dtype, device).reason
    return f"eager: {_failed[0]}" if _failed and reason == "compiled" else reason


def chosen() -> dict[str, str]:
    """The form last used for each size, dtype and device in this process: for the record of a run."""
    failed = {"compiled": f"eager: {_failed[0]}"} if _failed else {}
    return {what: failed.get(reason, reason) for what, reason in _chosen.items()}


def eager_sum(a: Tensor, bias: Tensor) -> Tensor:
    """sum_d log(1 + exp(a_d + bias_d)) [rows] for a [rows, D], which is written over."""
    a.add_(bias)
    total = a.clamp(min=0).sum(-1)
    return total.add_(log_of_products(a.abs_().neg_().exp_()))


def log_of_products(p: Tensor) -> Tensor:
    """sum_d log(1 + p_d) [rows] for p [rows, D] in [0, 1], which is written over."""
    width, factors = p.shape[-1], 1
    if width > 1:
        p, width = _first_products(p), width // 2
        factors = 2
    else:
        p.add_(1)
    while width > 1 and 2 * factors <= MOST_FACTORS:
        p, width, factors = _products(p), width // 2, 2 * factors
    return p.log().sum(-1)


def _first_products(p: Tensor) -> Tensor:
    """(1 + p_i)(1 + p_{i + D/2}), in place in the first half; an odd last one goes to the first."""
    half = p.shape[-1] // 2
    low = p[:, :half].add_(1)
    low.addcmul_(low, p[:, half : 2 * half])
    if p.shape[-1] % 2:
        low[:, 0].addcmul_(low[:, 0], p[:, -1])
    return low


def _products(p: Tensor) -> Tensor:
    half = p.shape[-1] // 2
    low = p[:, :half].mul_(p[:, half : 2 * half])
    if p.shape[-1] % 2:
        low[:, 0].mul_(p[:, -1])
    return low


@cache
def _compiled() -> Kernel:
    """The compiled sum, or the eager one from the moment that the compiler fails."""
    compiled = torch.compile(_lanes_sum, fullgraph=True)

    def run(a: Tensor, bias: Tensor) -> Tensor:
        if not _failed and len(a) > 1:  # a single row would be compiled apart
            torch._dynamo.mark_dynamic(a, 0)
            try:
                result: Tensor = compiled(a, bias)
                return result
            except Exception as error:  # whatever a compiler may raise: the eager sum gives the same numbers
                _failed.append(f"the compiler failed with {type(error).__name__}")
        return eager_sum(a, bias)

    return run


def _lanes_sum(a: Tensor, bias: Tensor) -> Tensor:
    """The same sum, written so that the compiler keeps one product in each lane of a register."""
    total = torch.zeros_like(a[:, 0])
    whole = a.shape[-1] // LANES * LANES
    for start in range(0, whole, LANES * MOST_FACTORS):
        end = min(start + LANES * MOST_FACTORS, whole)
        u = (a[:, start:end] + bias[start:end]).view(a.shape[0], -1, LANES)
        logs = (1 + torch.exp(-u.abs())).prod(1).log()
        total = total + (u.clamp(min=0).sum(1) + logs).sum(-1)
    if whole < a.shape[-1]:
        u = a[:, whole:] + bias[whole:]
        total = total + (u.clamp(min=0) + (1 + torch.exp(-u.abs())).log()).sum(-1)
    return total
