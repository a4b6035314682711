"""Estimated references by method, each with the sentence that a report says of it."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from benchmarks.references.annealed import AnnealedRun
from benchmarks.references.estimates import Estimates
from benchmarks.references.long_run import LongRun
from benchmarks.references.sandwich import AGREE, combined
from models.base import Model

Found = tuple[Estimates, str]


def adaptive(model: Model, x: Tensor) -> Found:
    """Long runs of adaptive importance sampling."""
    estimates, khat, run = _long_run(model, x)
    return estimates, run.sentence(estimates.stderr, khat)


def annealed(model: Model, x: Tensor) -> Found:
    """Annealed chains from the proposal to the posterior."""
    run = AnnealedRun()
    estimates = run.estimate(model, x)
    return estimates, (
        f"annealed importance sampling, {_chains(run)} of {run.steps} temperatures, "
        f"{estimates.evaluations:.0f} evaluations a point: standard error {np.median(estimates.stderr):.2g} "
        f"nats (median), {estimates.stderr.max():.2g} (largest), a lower bound in expectation"
    )


def both(model: Model, x: Tensor) -> Found:
    """log of the equal-weight mean of the two estimates of p(x)."""
    long, khat, run = _long_run(model, x)
    chains = AnnealedRun()
    of_chains = chains.estimate(model, x)
    estimates, disagree = combined(long, of_chains)
    return estimates, (
        f"the mean of adaptive ({run.runs} runs of {run.samples} evaluations a point, k-hat "
        f"{np.median(khat):.2f} median, {khat.max():.2f} largest) and annealed importance sampling "
        f"({_chains(chains)} of {chains.steps} temperatures, {of_chains.evaluations:.0f} evaluations a "
        f"point): largest standard error {estimates.stderr.max():.2g} nats; the two differ by more than "
        f"{AGREE:.0f} standard errors at {disagree} of {len(x)} points"
    )


def _long_run(model: Model, x: Tensor) -> tuple[Estimates, np.ndarray, LongRun]:
    run = LongRun()
    value, stderr, khat = run.estimate(model, x)
    degrees = np.full(len(x), run.runs - 1.0)
    return Estimates(value, stderr, degrees, float(run.runs * run.samples)), khat, run


def _chains(run: AnnealedRun) -> str:
    return f"{run.groups} groups of {run.chains} chains"
