"""The two halves of an estimator and what they declare.

A Sampler draws log importance weights ``log_w [B, K]``; a Reducer turns ``[..., K]`` into a number. That
tensor is the only thing they share, so every legal pair is an estimator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

from torch import Tensor

from evidence_bench.models.base import Model
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.randomness import Generator


class Identity(StrEnum):
    """What the weights of a sampler average to, whatever the proposal."""

    EVIDENCE = "p"  # E[mean exp(log_w)] = p(x)
    RECIPROCAL = "1/p"  # E[mean exp(-log_w)] = 1/p(x)
    NONE = "none"


class Bound(StrEnum):
    """What the expectation of an estimate of log p(x) is, for every K and every proposal."""

    LOWER = "lower bound"
    UPPER = "upper bound"
    UNBIASED = "unbiased"
    NONE = "no bound"


class Expansion(StrEnum):
    """Which asymptotic formulas (benchmarks/statistics/expansions.py) a reducer of iid weights follows."""

    LOG_MEAN = "log-mean"  # Propositions 1 and 2
    JACKKNIFE = "jackknife"
    DELTA = "delta"
    NONE = "none"


@dataclass(frozen=True)
class LogWeights:
    """log_w [B, K] in float64 and, by name, what the sampler noticed on its way (each [B])."""

    log_w: Tensor
    notes: dict[str, Tensor] = field(default_factory=dict)


class Sampler(Protocol):
    """How weights are drawn. ``breaks`` says, where identity is none, what was given up."""

    iid: ClassVar[bool]
    identity: ClassVar[Identity]
    exact_if_proposal_exact: ClassVar[bool]
    breaks: ClassVar[str]

    @property
    def min_k(self) -> int: ...

    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> LogWeights:
        """log_w [B, K] for x [B, ...]; k counted evaluations of log_joint for each row of x."""
        ...


class Reducer(Protocol):
    """How weights become a number: ``log_w [..., K] -> [...]``, pure, float64 out.

    ``bias_order``: the bias is O(K^-bias_order), None where it does not vanish with K. ``moments``: the
    highest moment of w that must exist for that to hold.
    """

    needs_iid: ClassVar[bool]
    symmetric: ClassVar[bool]
    bound: ClassVar[Bound]
    expansion: ClassVar[Expansion]

    @property
    def bias_order(self) -> int | None: ...

    @property
    def moments(self) -> int: ...

    @property
    def min_k(self) -> int: ...

    def __call__(self, log_w: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Estimator:
    """Sampler + Reducer under the name that tables show; K is given when it is used.

    ``key``: what the noise of its draws is keyed by where the sampler's repr does not say it, as for a
    plug-in's, whose repr may be that of another class or hold an address.
    """

    name: str
    sampler: Sampler
    reducer: Reducer
    key: str = ""

    def __post_init__(self) -> None:
        if self.reducer.needs_iid and not self.sampler.iid:
            raise NotApplicable(
                f"'{self.name}': {self.reducer!r} needs independent, identically distributed weights and "
                f"{self.sampler!r} does not draw them; reduce its weights with 'iwae' instead."
            )

    @property
    def draws_key(self) -> str:
        """What the noise of its draws is keyed by: the same in every process."""
        return self.key or repr(self.sampler)

    def shares_draws(self, other: Estimator) -> bool:
        """Whether both have one sampler: of one class with equal options, whatever their reprs are."""
        if self.sampler is other.sampler:
            return True
        alike = type(self.sampler) is type(other.sampler) and self.draws_key == other.draws_key
        return alike and _equal(self.sampler, other.sampler)

    @property
    def min_k(self) -> int:
        """The smallest K that both halves accept."""
        return max(self.sampler.min_k, self.reducer.min_k)

    @property
    def bound(self) -> Bound:
        """The reducer's bound where the weights average to p(x), else none."""
        return self.reducer.bound if self.sampler.identity is Identity.EVIDENCE else Bound.NONE

    def __call__(self, model: Model, x: Tensor, k: int, generator: Generator) -> Tensor:
        """Estimate of log p(x) [B] in nats from k evaluations for each row of x."""
        if k < self.min_k:
            raise NotApplicable(f"'{self.name}' needs K of at least {self.min_k}, not {k}; raise K.")
        return self.reducer(self.sampler(model, x, k, generator).log_w)


def _equal(first: object, second: object) -> bool:
    """Whether they compare equal; two that cannot be compared are two."""
    try:
        return bool(first == second)
    except Exception:  # fields that are tensors, say
        return False
