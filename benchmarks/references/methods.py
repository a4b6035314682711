"""Estimated references by method, each with the sentence that a report says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor

from evidence_bench.benchmarks.measuring.failure import sentence_of
from evidence_bench.benchmarks.references.annealed import AnnealedRun
from evidence_bench.benchmarks.references.estimates import Estimates
from evidence_bench.benchmarks.references.long_run import LongRun, of_khat
from evidence_bench.benchmarks.references.prior_draws import PriorDraws
from evidence_bench.benchmarks.references.second_opinion import AGREE, combined, corrected
from evidence_bench.models.base import Model
from evidence_bench.models.offers import has_prior

Found = tuple[Estimates, str]


def adaptive(model: Model, x: Tensor) -> Found:
    """Long runs of adaptive importance sampling."""
    estimates, khat, run = _long_run(model, x)
    return estimates, run.sentence(estimates.stderr, khat)


def annealed(model: Model, x: Tensor) -> Found:
    """Annealed chains from a Gaussian about the proposal to the posterior."""
    run = AnnealedRun()
    estimates, holes = run.estimate_with_holes(model, x)
    return estimates, (
        f"annealed importance sampling, {_chains(run)} of {run.steps} temperatures, "
        f"{estimates.evaluations:.0f} evaluations a point: standard error {np.median(estimates.stderr):.2g} "
        f"nats (median), {estimates.stderr.max():.2g} (largest), a lower bound in "
        f"expectation{_of_holes(holes)}"
    )


def both(model: Model, x: Tensor) -> Found:
    """log of the equal-weight mean of the two estimates of p(x), or the larger where they disagree."""
    long, khat, run = _long_run(model, x)
    chains = AnnealedRun()
    of_chains, holes = chains.estimate_with_holes(model, x)
    estimates, disagree = combined(long, of_chains)
    return estimates, (
        f"the mean of adaptive ({run.runs} runs of {run.samples} evaluations a "
        f"point{of_khat(khat)}) and annealed importance sampling "
        f"({_chains(chains)} of {chains.steps} temperatures, {of_chains.evaluations:.0f} evaluations a "
        f"point): largest standard error {estimates.stderr.max():.2g} nats; the two differ by more than "
        f"{AGREE:.0f} standard errors at {disagree} of {len(x)} points, where the larger is taken with an "
        f"interval that covers both{_of_holes(holes)}"
    )


def with_second_opinion(model: Model, x: Tensor, first: Found) -> Found:
    """An estimate held against draws from the prior, where the model has one and they are good enough.

    Where nothing comes of them the estimate stands, and its sentence says why.
    """
    estimates, sentence = first
    if not has_prior(model):
        return estimates, f"{sentence}; no second opinion, for the model has no prior"
    draws = PriorDraws()
    try:
        opinion, khat = draws.estimate(model, x)
    except Exception as error:  # what a plug-in calls its prior may be anything
        why = sentence_of(error).rstrip(".")
        return estimates, f"{sentence}; no second opinion, for draws from the prior ended in: {why}"
    beside, outcome = _held_against(estimates, opinion, khat, draws.samples)
    return beside, f"{sentence}; {outcome}"


def _held_against(
    estimates: Estimates, opinion: Estimates, khat: np.ndarray, samples: int
) -> tuple[Estimates, str]:
    """An estimate beside draws from the prior, and what they say of it."""
    heard = int((~np.isnan(khat)).sum())
    if not heard:
        total = estimates.evaluations + opinion.evaluations
        too_few = "draws from the prior are too few to judge it at any point"
        return replace(estimates, evaluations=total), too_few
    beside, disagree = corrected(estimates, opinion, khat)
    outcome = f"contradict it at {disagree}, where the interval covers both" if disagree else "agree with it"
    return beside, f"{samples} draws from the prior say enough at {heard} points and {outcome}"


def _long_run(model: Model, x: Tensor) -> tuple[Estimates, np.ndarray, LongRun]:
    run = LongRun()
    estimates, khat = run.estimate(model, x)
    return estimates, khat, run


def _chains(run: AnnealedRun) -> str:
    return f"{run.groups} groups of {run.chains} chains"


def _of_holes(holes: np.ndarray) -> str:
    if not holes.any():
        return ""
    return (
        f"; log_joint is minus infinity at up to {holes.max():.0%} of the draws that chains begin at, "
        "which the standard error allows for"
    )
