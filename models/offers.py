"""What a model offers, asked for at one place: what is not as the interface says ends in a sentence."""

from __future__ import annotations

from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, MultivariateNormal, Normal

from evidence_bench.models.base import Curved, HasMoments, Invertible, Model, Moments, Proposal
from evidence_bench.models.errors import BadModel, BadWeights, NotApplicable

M = TypeVar("M")
PARTS = ("noise", "draw")
_PLACE = "evidence_bench.models.distributions"


def proposal_of(model: Model, x: Tensor) -> Proposal:
    """q(z|x); BadModel where it is no map from noise."""
    return _checked(model.proposal(x), "proposal", model)


def prior_of(model: Model, x: Tensor) -> Proposal:
    """p(z); NotApplicable where the model has none, BadModel where it is no map from noise."""
    if not has_prior(model):
        raise NotApplicable(
            f"{named(model)} has no prior(x), which this sampler draws from; define it, or leave the "
            "estimator out: others do without."
        )
    return _checked(model.prior(x), "prior", model)


def has_prior(model: object) -> bool:
    """Whether it has a prior that can be asked for."""
    return hasattr(model, "prior")


def can_simulate(model: object) -> bool:
    """Whether it draws data of its own."""
    return hasattr(model, "simulate")


def is_bijective(proposal: object) -> bool:
    """Whether it declares to be a smooth bijection of N(0, I), which samplers in noise space need."""
    return bool(getattr(proposal, "bijective", False))


def is_curved(model: object) -> bool:
    """Whether it tells its gradient and Gauss-Newton precision."""
    return isinstance(model, Curved)


def simulated_latents(model: Any, x: Tensor) -> Tensor | None:
    """The z [B, L] that x was simulated from, where the model tells and x are those data; else None."""
    if not getattr(model, "simulated", False) or not hasattr(model, "latents"):
        return None
    if not isinstance(model.proposal(x[:1]), Invertible):
        return None
    if not torch.equal(model.data(len(x)).to(x), x):
        return None
    return torch.as_tensor(model.latents(len(x))).to(x)


def evidence_stderr(model: object, x: Tensor) -> Tensor:
    """The standard error [B] that a model states of its own log p(x); zero where it states none."""
    stated = getattr(model, "log_evidence_stderr", None)
    return x.new_zeros(len(x)) if stated is None else stated(x)


def evidence_source(model: object) -> str:
    """How a model says that it knows its log p(x)."""
    return str(getattr(model, "truth", "exact"))


def values_held(model: object, guess: int) -> int:
    """Values held while its log_joint is evaluated once: its own figure, or the guess."""
    return int(getattr(model, "values_an_evaluation", guess))


def moved(model: M, device: torch.device, dtype: torch.dtype) -> M:
    """The model on that device and in that dtype, where it can be moved."""
    to = getattr(model, "to", None)
    return model if to is None else to(device=device, dtype=dtype)


def log_joint_of(model: Model, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) [B, K]; BadWeights where it is no tensor of that shape."""
    log_p: Any = model.log_joint(x, z)
    expected = (x.shape[0], z.shape[1])
    if not isinstance(log_p, Tensor):
        raise BadWeights(
            f"log_joint returned {kind_of(log_p)}, not a tensor of shape {expected}; "
            "it must return one value for each row of x and each sample of z."
        )
    if log_p.shape != expected:
        raise BadWeights(
            f"log_joint returned shape {tuple(log_p.shape)}, not {expected}; "
            "it must return one value for each row of x and each sample of z."
        )
    return log_p


def moments_of(model: Model, x: Tensor) -> Moments | None:
    """c2 and c3 [B] of the weights under ``proposal(x)`` where the model knows them; None where it does not.

    A class that inherits ``weight_moments`` and has a proposal or a log_joint of its own does not know them.
    """
    if isinstance(model, HasMoments) and _stands_for(model, "weight_moments", ("proposal", "log_joint")):
        return model.weight_moments(x)
    return None


def _stands_for(model: object, part: str, others: tuple[str, ...]) -> bool:
    """Whether ``part`` is defined where the others are or further down, so that none changed under it."""
    kinds = type(model).__mro__
    at = next((i for i, kind in enumerate(kinds) if part in vars(kind)), len(kinds))
    return not any(other in vars(kind) for kind in kinds[:at] for other in others)


def named(model: object) -> str:
    """The model's class, also where a wrapper holds the model."""
    return type(getattr(model, "model", model)).__name__


def kind_of(value: object) -> str:
    """A value by its type, as in a sentence."""
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _checked(proposal: Any, part: str, model: Model) -> Proposal:
    missing = [name for name in PARTS if not callable(getattr(proposal, name, None))]
    if not missing:
        checked: Proposal = proposal
        return checked
    if isinstance(proposal, Distribution):
        what = f"a torch.distributions.{type(proposal).__name__}, which is no map from noise"
    else:
        what = f"{kind_of(proposal)} without {' and '.join(missing)}"
    raise BadModel(f"{part}(x) of {named(model)} returned {what}; {_instead(proposal)}")


def _instead(proposal: object) -> str:
    """What to return in its place."""
    base = proposal.base_dist if isinstance(proposal, Independent) else proposal
    if isinstance(base, Normal):
        return f"return {_PLACE}.diagonal_gaussian.DiagonalGaussian(loc, scale.log()), each [B, L]."
    if isinstance(base, MultivariateNormal):
        return f"return {_PLACE}.full_gaussian.FullGaussian(loc, scale_tril), [B, L] and [B, L, L]."
    return (
        "return one of models/distributions/, or an object with noise(k, generator), draw(e) and bijective "
        "(models/base.py says what they give)."
    )
