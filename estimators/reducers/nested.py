"""Many reducers at many K from the same weights, with what they have in common done once.

Replicate r at K is the first K draws of replicate r, so a study reduces prefixes of one tensor. Here is
decided which of the values asked for are worked out together; they are those of the reducers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeGuard, runtime_checkable

from torch import Tensor

from evidence_bench.estimators.base import Reducer
from evidence_bench.estimators.reducers.jackknife.reducer import Jackknife, jackknife_prefixes
from evidence_bench.estimators.reducers.prefix_sums import PrefixSums


@runtime_checkable
class OfSums(Protocol):
    """A reducer whose value depends on the weights through their number, level and three sums alone."""

    def of_sums(self, sums: PrefixSums) -> Tensor:
        """The value [..., n] at each k of the sums."""
        ...


@dataclass(frozen=True)
class Together:
    """Values worked out in one go: ``places`` in what was asked for, ``values(log_w, sums)`` [..., places].

    log_w [..., K] reaches to the largest k asked for; sums are its ``prefix_sums`` at every k asked for.
    """

    places: tuple[int, ...]
    values: Callable[[Tensor, PrefixSums], Tensor]


def declares_sums(reducer: object) -> TypeGuard[OfSums]:
    """Whether the reducer's own class defines ``of_sums`` beside the ``__call__`` that it stands for.

    What is inherited, handed on by a wrapper or set on the object says nothing about this ``__call__``.
    """
    of_class = vars(type(reducer))
    return {"of_sums", "__call__"} <= of_class.keys() and "of_sums" not in getattr(reducer, "__dict__", {})


def together(asked: Sequence[tuple[Reducer, int]]) -> list[Together]:
    """The groups among reducers asked for at the first k weights; one that shares nothing is in none."""
    return [*_of_sums(asked), *_jackknives(asked)]


def _of_sums(asked: Sequence[tuple[Reducer, int]]) -> list[Together]:
    """One group for each reducer of sums; objects are told apart by identity, for two may look alike."""
    groups: dict[int, tuple[OfSums, list[int]]] = {}
    for place, (reducer, _) in enumerate(asked):
        if declares_sums(reducer):
            groups.setdefault(id(reducer), (reducer, []))[1].append(place)
    return [
        Together(tuple(places), _values_of_sums(reducer, [asked[place][1] for place in places]))
        for reducer, places in groups.values()
    ]


def _values_of_sums(reducer: OfSums, ks: Sequence[int]) -> Callable[[Tensor, PrefixSums], Tensor]:
    def values(log_w: Tensor, sums: PrefixSums) -> Tensor:
        return reducer.of_sums(sums.at(ks))

    return values


def _jackknives(asked: Sequence[tuple[Reducer, int]]) -> list[Together]:
    """One group for each set of orders, with all the k that ask for just these."""
    at: dict[int, list[tuple[int, int]]] = {}  # order and place, by k
    for place, (reducer, k) in enumerate(asked):
        if type(reducer) is Jackknife:  # a subclass may have a __call__ of its own
            at.setdefault(k, []).append((reducer.order, place))
    groups: dict[tuple[int, ...], list[int]] = {}
    for k in sorted(at):
        groups.setdefault(tuple(order for order, _ in sorted(at[k])), []).append(k)
    return [
        Together(tuple(place for k in ks for _, place in sorted(at[k])), _values_of_jackknives(ks, orders))
        for orders, ks in groups.items()
    ]


def _values_of_jackknives(ks: Sequence[int], orders: Sequence[int]) -> Callable[[Tensor, PrefixSums], Tensor]:
    def values(log_w: Tensor, sums: PrefixSums) -> Tensor:
        return jackknife_prefixes(log_w, ks, orders).flatten(-2)

    return values
