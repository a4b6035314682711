"""Laws of a model's evidence: weights from wherever average to it, and the joint is a density."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.densities import has_density
from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds, joined, silent, undecided
from evidence_bench.benchmarks.laws.means import LIGHT, TOO_FAR, averages_to_one
from evidence_bench.benchmarks.laws.model_subject import ModelSubject, discrete
from evidence_bench.estimators.diagnostics.pareto import pareto_k
from evidence_bench.models.base import HasMoments, Tractable
from evidence_bench.models.offers import can_simulate
from evidence_bench.models.randomness import keyed_generator

_LEAST_RATIO = 0.02  # nats: what two means have to be apart by at least to be called two
_SIMULATED = 20_000


def _weights(subject: ModelSubject, which: str) -> Tensor:
    """log weights [B, K] from the proposal or the prior."""
    drawn = subject.from_proposal if which == "proposal" else subject.from_prior
    return subject.log_joint(drawn.z) - drawn.log_q


def _evidence(subject: ModelSubject) -> Outcome:
    """E w = p(x): from the proposal, and where that cannot tell, from the prior."""
    truth = subject.model.log_evidence(subject.x).double()[:, None]
    outcomes = []
    for which in ("proposal", "prior"):
        for b, row in enumerate(_weights(subject, which) - truth):
            outcomes.append(
                (
                    f"data point {b} with draws from the {which}",
                    averages_to_one(row, "the mean weight over p(x)"),
                )
            )
    return joined(outcomes)


def _known(subject: ModelSubject) -> str:
    return "" if isinstance(subject.model, Tractable) else "it does not know log p(x)."


def _both(subject: ModelSubject) -> Outcome:
    """Weights from the prior and from the proposal have one mean, though neither need be known."""
    of_proposal, of_prior = _weights(subject, "proposal"), _weights(subject, "prior")
    return joined(
        (f"data point {b}", _same_mean(one, other))
        for b, (one, other) in enumerate(zip(of_proposal, of_prior, strict=True))
    )


def _same_mean(one: Tensor, other: Tensor) -> Outcome:
    means, errors = zip(*(_log_mean(row) for row in (one, other)), strict=True)
    apart, stderr = means[0] - means[1], math.hypot(*errors)
    khats = [float(pareto_k(row)) for row in (one, other)]
    said = f"log of the mean weight from proposal and prior differ by {apart:+.4f} ± {stderr:.4f} nats"
    # A heavy tail can only make a mean too low: the other one may then be the right one.
    light = [error == 0 or khat < LIGHT for error, khat in zip(errors, khats, strict=True)]
    low_is_light = light[0] if apart < 0 else light[1]
    if not abs(apart) <= TOO_FAR * stderr + _LEAST_RATIO:
        return (
            fails(f"{said}.", apart)
            if low_is_light
            else undecided(f"{said}, the lower of heavy tail.", apart)
        )
    if stderr > _LEAST_RATIO:
        return undecided(f"{said}: too few draws to tell.", apart, stderr)
    return holds(f"{said}.", apart, stderr)


def _log_mean(log_w: Tensor) -> tuple[float, float]:
    """log of the mean weight and its standard error, in nats."""
    level = log_w.max()
    w = (log_w - level).exp()
    return float(level + w.mean().log()), float(w.std() / w.mean()) / math.sqrt(len(w))


def _joint(subject: ModelSubject) -> Outcome:
    """Simulated (x, z) have the density exp(log_joint): sees a constant that it lacks, without log p(x)."""
    simulated = subject.model.simulate(_SIMULATED, keyed_generator(("joint",)))
    x, z = simulated.x, simulated.z
    if not x.flatten(1).shape[1]:
        return silent("its data hold nothing, so that p(x) need not integrate to one.")
    if discrete(z) or discrete(x):
        return undecided("its latents or its data are discrete.")
    with torch.no_grad():
        pairs = zip(x.split(1000), z.split(1000), strict=True)
        log_p = torch.cat([subject.model.log_joint(of_x, of_z[:, None])[:, 0] for of_x, of_z in pairs])
    both = torch.cat([x.flatten(1).double(), z.double()], dim=1)
    return has_density(both, log_p.double(), "p(x, z)")


def _simulates(subject: ModelSubject) -> str:
    return "" if can_simulate(subject.model) else "it does not simulate."


def _moments(subject: ModelSubject) -> Outcome:
    """c2 = E (w/p - 1)^2, and c3 >= c2^2 - c2, which holds for every law of a weight that is not negative."""
    moments = subject.model.weight_moments(subject.x)
    c2, c3 = moments.c2.double(), moments.c3.double()
    if (c2 < 0).any() or c2.isnan().any() or c3.isnan().any():
        return fails("c2 is negative, or c2 or c3 is NaN; give inf where a moment does not exist.")
    finite = c2.isfinite() & c3.isfinite()
    if (c3[finite] < c2[finite] ** 2 - c2[finite] - 1e-6 * (1 + c2[finite] ** 2)).any():
        return fails("c3 is below c2^2 - c2, which no weight that is not negative has.")
    log_w = _weights(subject, "proposal")
    return joined((f"data point {b}", _second_moment(row, float(c2[b]))) for b, row in enumerate(log_w))


def _second_moment(log_w: Tensor, c2: float) -> Outcome:
    """E w^2 / (E w)^2 over 1 + c2; its square has twice the tail index, so a low one rarely tells."""
    if math.isinf(c2):
        return undecided("c2 is infinite, which no number of draws shows.")
    mean, of_mean = _log_mean(log_w)
    second, of_second = _log_mean(2 * log_w)
    off, stderr = second - 2 * mean - math.log1p(c2), of_second + 2 * of_mean
    share = math.exp(off)
    said = f"1 + c2 of {len(log_w):,} draws is {share:.4f} ± {share * stderr:.4f} of that declared"
    heavy = not float(pareto_k(log_w)) < LIGHT / 2
    if abs(off) > TOO_FAR * stderr + 1e-3 and (off > 0 or not heavy):
        return fails(f"{said}.", off)
    return (
        undecided(f"{said}: too heavy a tail to tell.") if heavy or stderr > 0.1 else holds(f"{said}.", off)
    )


def _has_moments(subject: ModelSubject) -> str:
    return "" if isinstance(subject.model, HasMoments) else "it declares no moments of its weights."


EVIDENCE = Law("evidence", "weights average to p(x)", _evidence, _known)
BOTH = Law("prior and proposal", "weights from both have one mean", _both)
JOINT = Law("joint", "log_joint is a density, constants and all", _joint, _simulates)
MOMENTS = Law("moments", "c2 and c3 are those of the weights", _moments, _has_moments)
LAWS = (EVIDENCE, BOTH, JOINT, MOMENTS)
