"""Laws of a model's proposal and prior: draws and their density belong together."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.densities import has_density
from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds, joined, undecided
from evidence_bench.benchmarks.laws.means import TOO_FAR
from evidence_bench.benchmarks.laws.model_subject import Drawn, ModelSubject, discrete
from evidence_bench.models.base import HasLogProb, Invertible
from evidence_bench.models.offers import is_bijective
from evidence_bench.models.randomness import keyed_generator

_SAME = 1e-4  # nats, relative to max(1, abs): float32 densities
_MOST_LATENTS = 40  # whose Jacobian is worked out


def _named(subject: ModelSubject) -> list[tuple[str, Drawn]]:
    return [("the proposal", subject.from_proposal), ("the prior", subject.from_prior)]


def _log_prob(subject: ModelSubject) -> Outcome:
    """log_prob(z) is the log q that came with the draw of z."""

    def of_one(drawn: Drawn) -> Outcome:
        if not isinstance(drawn.proposal, HasLogProb):
            return undecided("it has no log_prob, which nothing here needs.")
        with torch.no_grad():
            again = drawn.proposal.log_prob(drawn.z[:, :100]).double()
        off = float(((again - drawn.log_q[:, :100]) / again.abs().clamp(min=1)).abs().max())
        sentence = f"log_prob(z) is the log q of the draw to {off:.1e} nats."
        return holds(sentence, off) if off <= _SAME else fails(sentence, off)

    return joined((name, of_one(drawn)) for name, drawn in _named(subject))


def _density(subject: ModelSubject) -> Outcome:
    """E_q[r / q] = 1 for a density r that is known; discrete draws have the shares that q says."""
    outcomes = []
    for name, drawn in _named(subject):
        for b in range(len(drawn.z)):
            outcomes.append((f"{name} at data point {b}", _density_of(drawn.z[b], drawn.log_q[b])))
    return joined(outcomes)


def _density_of(z: Tensor, log_q: Tensor) -> Outcome:
    if discrete(z):
        return _shares(torch.unique(_labels(z), return_inverse=True)[1], log_q)
    return has_density(z, log_q, "q")


def _labels(z: Tensor) -> Tensor:
    """One number [n] for each state of z [n, L]: a sum with weights by chance."""
    weights = torch.rand(z.shape[1], generator=keyed_generator(("labels",)), dtype=torch.float64)
    return z.double() @ weights


def _shares(where: Tensor, log_q: Tensor) -> Outcome:
    """Discrete latents: the states of the first half have, in the second, the share that q says."""
    half = len(where) // 2
    seen, first = torch.unique(where[:half], return_inverse=True)
    of_seen = torch.zeros(len(seen), dtype=torch.float64).scatter_(0, first, log_q[:half].exp())
    expected, share = float(of_seen.sum()), float(torch.isin(where[half:], seen).double().mean())
    stderr = math.sqrt(max(share * (1 - share), 1 / half) / half)
    sentence = f"the {len(seen)} states seen have q = {expected:.4f} in all and {share:.4f} of the draws."
    if abs(share - expected) > TOO_FAR * stderr + _SAME:
        return fails(sentence, expected - share)
    return holds(sentence, expected - share)


def _noise(subject: ModelSubject) -> Outcome:
    """What says that it is bijective has noise N(0, I), and its density is that of the noise, stretched."""
    return joined((name, _bijection(drawn.proposal)) for name, drawn in _named(subject) if _claims(drawn))


def _bijection(proposal: object) -> Outcome:
    noise = proposal.noise(2000, keyed_generator(("noise",)))  # type: ignore[attr-defined]
    e = noise[:1, :2].clone()
    rows = torch.cat([e, noise[1:, :2]])
    z, log_q = proposal.draw(rows)  # type: ignore[attr-defined]
    if z.shape != rows.shape:
        return fails(
            f"noise has {rows.shape[-1]} dimensions and latents {z.shape[-1]}; set bijective = False."
        )
    normal = _is_normal(noise.double())
    if normal:
        return fails(normal)
    if isinstance(proposal, Invertible):
        off = float((proposal.noise_of(z) - rows).abs().max())
        if off > 1e-3:
            return fails(f"noise_of(draw(e)) is e but for {off:.2g}.", off)
    return _stretch(proposal, rows, log_q)


def _is_normal(e: Tensor) -> str:
    """Why noise is not N(0, 1), empty where nothing speaks against it: mean and mean square, 5 errors."""
    for value, expected, name in ((e, 0.0, "mean"), (e.square(), 1.0, "mean square")):
        stderr = float(value.std()) / math.sqrt(value.numel())
        if abs(float(value.mean()) - expected) > TOO_FAR * stderr:
            return f"its noise has {name} {float(value.mean()):.3f}, not {expected:g}; set bijective = False."
    return ""


def _stretch(proposal: object, rows: Tensor, log_q: Tensor) -> Outcome:
    """log q = log N(e) - log abs det dz/de, by autograd."""
    latents = rows.shape[-1]
    if latents > _MOST_LATENTS:
        return undecided(f"{latents} latents are too many for a Jacobian.")

    with torch.enable_grad():
        moved = rows.clone().requires_grad_()
        z = proposal.draw(moved)[0][0, 0]  # type: ignore[attr-defined]
        jacobian = torch.stack([torch.autograd.grad(v, moved, retain_graph=True)[0][0, 0] for v in z])
    log_normal = -0.5 * (rows[0, 0].square().sum() + latents * math.log(2 * math.pi))
    expected = float(log_normal - torch.linalg.slogdet(jacobian)[1])
    off = float(log_q[0, 0]) - expected
    sentence = f"its log q is that of its noise, stretched, to {abs(off):.1e} nats."
    return holds(sentence, off) if abs(off) <= _SAME * max(1, abs(expected)) else fails(sentence, off)


def _claims(drawn: Drawn) -> bool:
    return bool(is_bijective(drawn.proposal))


def _none_bijective(subject: ModelSubject) -> str:
    claimed = any(_claims(drawn) for _, drawn in _named(subject))
    return "" if claimed else "neither proposal nor prior says that it is bijective."


LOG_PROB = Law("log_prob", "the density of a draw is that which came with it", _log_prob)
DENSITY = Law("density", "draws have the density that they say", _density)
BIJECTION = Law("bijection", "a bijection has the density of its noise, stretched", _noise, _none_bijective)
LAWS = (LOG_PROB, DENSITY, BIJECTION)
