"""Is the mean of a positive quantity one? The law behind every importance weight, with its error."""

from __future__ import annotations

import math

from torch import Tensor

from evidence_bench.benchmarks.laws.law import Outcome, fails, holds, undecided
from evidence_bench.estimators.diagnostics.pareto import pareto_k

TOO_FAR = 5.0  # standard errors
LIGHT = 0.4  # k-hat: above, the mean may be low because its large values were not met
SEES = 0.05  # what a sample has to be able to see
_NEEDED = 6.3  # standard errors within that: 5 are exceeded with probability .9
_ROUNDING = 1e-4  # nats: float32 densities


def averages_to_one(log_ratio: Tensor, what: str) -> Outcome:
    """Whether ``what`` = mean exp(log_ratio) is 1, for independent log_ratio [n] in nats.

    Fails beyond 5 standard errors: 6e-7 of right programs where the tail is light. A mean that is too low
    fails only if k-hat is below .4, and none does that was never seen to vary; 5000 and 20,000 draws of
    thirteen right laws (lognormal to s2 = 6, Gamma, Pareto to k = .8, two points), 400 samples each, gave
    no false failure. Undecided where the sample would not see an error of 5%.
    """
    log_ratio = log_ratio.detach().double().flatten()
    level = float(log_ratio.max())
    if not math.isfinite(level):
        return undecided(f"no draw has a finite {what}.")
    scaled = (log_ratio - level).exp()
    log_mean = level + math.log(float(scaled.mean()))
    stderr = float(scaled.std() / scaled.mean()) / math.sqrt(len(scaled))  # relative, so in nats
    said = f"{what} is {_shown(log_mean, stderr)} over {len(scaled):,} draws"
    above = -math.expm1(-log_mean)  # (mean - 1) / mean, in the unit of the error
    if above > TOO_FAR * stderr + _ROUNDING:
        return fails(f"{said}, not 1.", log_mean, stderr)
    if above < -TOO_FAR * stderr - _ROUNDING:
        khat = float(pareto_k(log_ratio))
        if khat < LIGHT:
            return fails(f"{said}, not 1.", log_mean, stderr)
        tail = "constant" if stderr == 0 else f"heavy-tailed, k-hat {khat:.2f}"
        return undecided(f"{said}, which may miss large values ({tail}).", log_mean, stderr)
    if _NEEDED * stderr > SEES:
        return undecided(f"{said}: too few to see an error of {SEES:.0%}.", log_mean, stderr)
    return holds(f"{said}.", log_mean, stderr)


def _shown(log_mean: float, stderr: float) -> str:
    """1.002 +- 0.003; far from one in nats, for nobody reads a factor of many digits."""
    if abs(log_mean) > 1:
        return f"exp({log_mean:+.4g}) (± {stderr:.1g} nats)"
    mean = math.exp(log_mean)
    return f"{mean:.4f} ± {mean * stderr:.4f}"
