"""Laws of the weights that a sampler returns: their shape and kind, their cost, and weights of zero."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.cases import CORRELATED, PERFECT, Case, Nowhere, Truncated
from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.sampler_subject import SamplerSubject
from evidence_bench.estimators.base import Identity
from evidence_bench.estimators.counted import Counted
from evidence_bench.models.base import Model, Proposal
from evidence_bench.models.oracles.weight_laws import LognormalLaw
from evidence_bench.models.randomness import keyed_generator

_ROWS = 3
_EXACT = 1e-9  # nats, of constant weights


def _declared(subject: SamplerSubject) -> Outcome:
    sampler = subject.sampler
    kinds = (
        ("iid", isinstance(sampler.iid, bool), "True or False"),
        ("identity", isinstance(sampler.identity, Identity), "an Identity"),
        ("exact_if_proposal_exact", isinstance(sampler.exact_if_proposal_exact, bool), "True or False"),
        ("min_k", isinstance(sampler.min_k, int) and sampler.min_k >= 1, "1, 2, ..."),
    )
    wrong = [f"{name} is {getattr(sampler, name)!r}, not {what}" for name, right, what in kinds if not right]
    if bool(sampler.breaks) != (sampler.identity is Identity.NONE):
        wrong.append("breaks says what was given up where identity is none, and is empty elsewhere")
    if hash(sampler) != hash(sampler):
        wrong.append("it has no hash of its own; make it a frozen dataclass")
    return fails("; ".join(wrong) + ".") if wrong else holds("each declaration is one.")


def _weights(subject: SamplerSubject) -> Outcome:
    """log_w [B, K] in float64, K of them where they are iid, never NaN or +inf."""

    def of_one(case: Case) -> Outcome:
        x, k = case.points(_ROWS), subject.k
        log_w = subject.draw(Counted(case.model), x, k, keyed_generator(("weights",)))
        wanted = f"[{len(x)}, {k}]" if subject.sampler.iid else f"[{len(x)}, at most {k}]"
        right = log_w.ndim == 2 and len(log_w) == len(x) and 1 <= log_w.shape[1] <= k
        if not right or (subject.sampler.iid and log_w.shape[1] != k):
            return fails(f"log_w has shape {list(log_w.shape)}, not {wanted}.")
        if log_w.dtype != torch.float64:
            return fails(f"log_w is {log_w.dtype}; return log_w.double().")
        if (log_w.isnan() | log_w.isposinf()).any():
            return fails("log_w holds NaN or +inf.")
        return holds(f"log_w {list(log_w.shape)} in float64 at K = {k}.")

    return subject.over_cases(of_one)


@dataclass
class _Watched:
    """A model that counts how often its log_joint is asked, whoever asks."""

    model: Model
    asked: int = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.model, name)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        log_p = self.model.log_joint(x, z)
        self.asked += log_p.numel()
        return log_p

    def proposal(self, x: Tensor) -> Proposal:
        return self.model.proposal(x)

    def prior(self, x: Tensor) -> Proposal:
        return self.model.prior(x)


def _cost(subject: SamplerSubject) -> Outcome:
    """At most K evaluations a row, exactly K where each weight is an evaluation of its own."""

    def of_one(case: Case) -> Outcome:
        x, k = case.points(_ROWS), subject.k
        watched = _Watched(case.model)
        counted = Counted(watched)  # type: ignore[arg-type]  # it cannot simulate, which nobody asks of it
        subject.draw(counted, x, k, keyed_generator(("cost",)))
        spent, past_the_door = counted.evaluations / len(x), watched.asked - counted.evaluations
        said = f"{spent:g} evaluations a row where K = {k}"
        if past_the_door > 0:
            return fails(f"{past_the_door} evaluations are not counted; ask the model that is handed over.")
        if spent > k or (subject.sampler.iid and spent < k):
            return fails(f"it spends {said}.", spent / k - 1)
        return holds(f"{said}.", spent / k - 1)

    return subject.over_cases(of_one)


def _zeros(subject: SamplerSubject) -> Outcome:
    """-inf, a weight of zero, is kept; a row of them harms no other."""
    cut, nowhere, k = Truncated(), Nowhere(), subject.k
    x = LognormalLaw().simulate(2, keyed_generator(("zeros",))).x
    log_w = subject.draw(cut, x, 2 * k, keyed_generator(("zeros", 1)))
    if log_w.isnan().any() or not log_w.isfinite().any(dim=-1).all():
        return fails("where half of the weights are zero it gives NaN, or no weight at all.")
    if not log_w.isneginf().any():
        return fails("where half of the weights should be zero (-inf) none is.")
    empty = subject.draw(nowhere, x, k, keyed_generator(("zeros", 2)))
    whole = subject.draw(LognormalLaw(), x, k, keyed_generator(("zeros", 2)))
    if not empty[1].isneginf().all():
        return fails("where every weight of a row is zero (-inf) the row is not all -inf.")
    if not torch.allclose(empty[0], whole[0], rtol=0, atol=subject.rounding):
        return fails("a row without any weight changes the row beside it.")
    return holds("weights of zero are kept.")


def _exact(subject: SamplerSubject) -> Outcome:
    """Constant weights, all p(x), where the proposal is the posterior."""
    x = PERFECT.points(5)
    log_w = subject.draw(PERFECT.model, x, subject.k, keyed_generator(("perfect",)))
    off = float((log_w - PERFECT.model.log_evidence(x)[:, None]).abs().max())
    sentence = f"with the posterior as its proposal log weights are log p(x) to {off:.2g} nats."
    return fails(sentence, off) if off > max(_EXACT, subject.rounding) else holds(sentence, off)


def _not_exact(subject: SamplerSubject) -> str:
    claimed = subject.sampler.exact_if_proposal_exact
    return "" if claimed else "it does not declare exact_if_proposal_exact."


def _single(subject: SamplerSubject) -> Outcome:
    """A float32 model gives float64 weights, of finite value."""
    x = CORRELATED.points(_ROWS).float()
    log_w = subject.draw(CORRELATED.model, x, subject.k, keyed_generator(("single",)))
    if log_w.dtype != torch.float64:
        return fails(f"of a float32 model it returns {log_w.dtype}; return log_w.double().")
    return holds("float64 weights of a float32 model.")


DECLARED = Law("declarations", "each declaration is of its kind", _declared)
WEIGHTS = Law("weights", "log_w [B, K], float64, never NaN or +inf", _weights)
COST = Law("cost", "K evaluations a row, all of them counted", _cost)
ZEROS = Law("weights of zero", "-inf is kept and harms no other row", _zeros)
EXACT = Law("exact proposal", "weights are constant where the proposal is exact", _exact, _not_exact)
SINGLE = Law("float32", "float64 weights of a float32 model", _single)
LAWS = (DECLARED, WEIGHTS, COST, ZEROS, EXACT, SINGLE)
