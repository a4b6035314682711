"""The look at a proposal: a map from noise that is the same each time, for each row and for each draw."""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor

from evidence_bench.benchmarks.looking.modules import in_training, remedy
from evidence_bench.benchmarks.looking.seen import apart
from evidence_bench.benchmarks.looking.watched import Watched, first_line
from evidence_bench.models.base import HasLogProb, Invertible, Proposal
from evidence_bench.models.errors import BadModel
from evidence_bench.models.offers import is_bijective
from evidence_bench.models.randomness import KeyedDraws, keyed_generator

NOISE_DRAWS = 64
NOISE_ERRORS = 6  # standard errors of a mean or a variance that no N(0, I) noise exceeds
MOST_OFF = 0.01  # nats: the inverse of a float32 map, squared, is off by less at half of the draws


def faults_of_proposal(watched: Watched, x: Tensor, e: Tensor, part: str = "proposal") -> list[str]:
    """What is wrong with q(z|x), or with the prior where ``part`` says so, at the noise e [B, K, D].

    Takes no evaluation of log_joint.
    """
    called = f"{part}(x) of '{watched.name}'"
    made = getattr(watched, part)
    first = watched.draw(made(x), e, part)
    gap = _gap(first, watched.draw(made(x), e, part))
    if gap:
        cause = remedy(in_training(watched.model), random=True)
        return [
            f"{called} is random: for the same x and the same noise its draws were {gap:.3g} apart. "
            + (cause or "Let it depend on x alone, and on chance through noise(k, generator) alone.")
        ]
    return _alone(watched, first, x, e, part) or _law(watched, made(x), first, x, part)


def _gap(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor]) -> float:
    return max(apart(*pair) for pair in zip(first, second, strict=True))


def _alone(watched: Watched, together: tuple[Tensor, Tensor], x: Tensor, e: Tensor, part: str) -> list[str]:
    """The draws of one row against those in its batch, one draw against the draw among K."""
    called = f"{part}(x) of '{watched.name}'"
    made = getattr(watched, part)
    cause = remedy(in_training(watched.model), random=False)
    for row in range(len(x)):
        here = slice(row, row + 1)
        what = f"{called} of one data point depends on the other data points of its batch"
        try:
            alone = watched.draw(made(x[here]), e[here], part)
        except BadModel:
            raise
        except Exception as error:
            text = f"{what}: alone it raised {first_line(error)}."
            return [f"{text} {cause or 'Let it take one data point too.'}"]
        gap = _gap((together[0][here], together[1][here]), alone)
        if gap:
            advice = cause or "Let no mean, norm or sum run over the first axis."
            return [f"{what}: alone its draws are {gap:.3g} away. {advice}"]
    for draw in (0, e.shape[1] - 1):
        here = slice(draw, draw + 1)
        gap = _gap((together[0][:, here], together[1][:, here]), watched.draw(made(x), e[:, here], part))
        if gap:
            return [
                f"draw(e) of the {part} of '{watched.name}' gives another draw where it is alone, {gap:.3g} "
                "away. Reduce over the last axis alone: .sum(-1), not .sum()."
            ]
    return []


def _law(
    watched: Watched, proposal: Proposal, drawn: tuple[Tensor, Tensor], x: Tensor, part: str
) -> list[str]:
    """log_prob and noise_of against the draws, and the noise of a bijection against N(0, I).

    Where one of the two raises, whatever needs it will say so.
    """
    z, log_q = drawn
    with contextlib.suppress(Exception):
        if isinstance(proposal, HasLogProb) and _off_density(proposal.log_prob(z.clone()), log_q):
            off = float((proposal.log_prob(z.clone()) - log_q).abs().median())
            return [
                f"The {part} of '{watched.name}' contradicts itself: log_prob(z) is {off:.3g} nats (median) "
                "from the log density that draw(e) returns with z. Make both the density of z."
            ]
    if not is_bijective(proposal):
        return []
    with contextlib.suppress(Exception):
        again = proposal.draw(proposal.noise_of(z.clone()))[0] if isinstance(proposal, Invertible) else z
        off = float((again - z).abs().median() / (z.std() + 1e-12)) if z.numel() > 1 else 0.0
        if off > MOST_OFF:
            return [
                f"noise_of(z) of the {part} of '{watched.name}' is not the inverse of draw(e): drawn again, "
                f"z is {off:.3g} of its spread away. Mend noise_of, or leave it out."
            ]
    return _standard(watched, proposal, x, part)


def _off_density(told: Tensor, log_q: Tensor) -> bool:
    """Whether half of the draws or more have another density, beyond what an inverse in float32 loses."""
    off = (told.double() - log_q.double()).abs().nan_to_num(nan=0.0).median()
    return bool(off > MOST_OFF + 1e-4 * log_q.abs().median())


def _standard(watched: Watched, proposal: Proposal, x: Tensor, part: str) -> list[str]:
    """The mean and the variance of a bijection's noise, which are 0 and 1."""
    keys = tuple(keyed_generator(("look at noise", row), x.device) for row in range(len(x)))
    e = watched.noise(proposal, NOISE_DRAWS, KeyedDraws(keys, NOISE_DRAWS), len(x), part).double()
    mean, variance = float(e.mean()), float(e.var())
    off_mean = abs(mean) * e.numel() ** 0.5
    off_variance = abs(variance - 1) * (e.numel() / 2) ** 0.5
    if max(off_mean, off_variance) > NOISE_ERRORS or not torch.isfinite(e).all():
        return [
            f"The {part} of '{watched.name}' declares bijective = True, which means noise from N(0, I), but "
            f"its noise has mean {mean:.2g} and variance {variance:.2g}. Draw it by "
            "evidence_bench.models.randomness.standard_normal, or declare bijective = False."
        ]
    return []
