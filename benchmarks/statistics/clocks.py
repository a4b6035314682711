"""How many samples a budget buys: counted evaluations, or seconds as they were measured.

Seconds are fitted by a fixed cost and one for each sample, a + b K, to the cells about the K in question, so
that a busy moment in one of them decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.statistics.arrays import Array, Mask

_ABOUT = 64.0  # a fit takes the K within this factor of the one in question
_FEWEST = 3  # cells in a fit, where there are as many
_CLEAR = 2.0  # standard errors that the cost of a sample must be above 0


@dataclass(frozen=True)
class Bought:
    """K, and the standard error of log K that the timing leaves; 0 where not even the first K is paid.

    ``known`` is False where time does not grow with K so that it could be seen: K is then the last one.
    """

    k: float
    log_stderr: float
    known: bool = True


def within_evaluations(ks: Array, evaluations: Array, budget: float) -> Bought:
    """The K that costs ``budget`` counted evaluations a point; beyond the last K in its proportion."""
    if budget > evaluations[-1]:
        return Bought(float(ks[-1] * budget / evaluations[-1]), 0.0)
    log_k = np.interp(np.log(budget), np.log(evaluations), np.log(ks), left=-np.inf)
    return Bought(float(np.exp(log_k)), 0.0)


def within_seconds(ks: Array, seconds: Array, log_stderr: Array, budget: float) -> Bought:
    """The K that takes ``budget`` seconds, from seconds [n] at ks [n] and the errors [n] of their log."""
    times = np.maximum.accumulate(seconds)
    if budget < times[0]:
        return Bought(0.0, 0.0)
    near = float(np.exp(np.interp(np.log(budget), np.log(times), np.log(ks))))
    used = _cells_about(ks, near)
    start, a_sample, covariance = _fixed_and_a_sample(ks[used], seconds[used], log_stderr[used])
    if not a_sample > _CLEAR * np.sqrt(covariance[1, 1]):
        anywhere = np.log(ks[used][-1] / ks[used][0]) / np.sqrt(12)  # of the cells about it
        return Bought(near, float(anywhere), known=budget <= times[-1])
    k = max((budget - start) / a_sample, float(ks[0]))
    stderr = np.sqrt(covariance[0, 0] + 2 * k * covariance[0, 1] + k**2 * covariance[1, 1]) / a_sample
    return Bought(k, float(stderr) / k)


def scatter(ks: Array, seconds: Array) -> tuple[float, int]:
    """(sum of squared relative residuals of seconds = a + b K over all cells, degrees of freedom).

    What several estimators show of it together says how far a time is off on a busy machine, which the
    repeated times of one cell, taken within moments, do not.
    """
    if len(ks) < _FEWEST:
        return 0.0, 0
    start, a_sample, _ = _fixed_and_a_sample(ks, seconds, np.zeros(len(ks)))
    return float((((start + a_sample * ks) / seconds - 1) ** 2).sum()), len(ks) - 2


def _cells_about(ks: Array, k: float) -> Mask:
    distance = np.abs(np.log(ks / k))
    nearest = np.sort(distance)[: max(_FEWEST, int((distance <= np.log(_ABOUT)).sum()))]
    return np.asarray(distance <= nearest[-1])


def _fixed_and_a_sample(ks: Array, seconds: Array, log_stderr: Array) -> tuple[float, float, Array]:
    """(a, b, their covariance) of seconds = a + b K by least squares of relative errors; b = 0 from one K."""
    if len(ks) < 2:
        return float(seconds[0]), 0.0, np.full((2, 2), np.inf)
    design = np.stack([1 / seconds, ks / seconds], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    start, a_sample = inverse @ design.T @ np.ones(len(ks))
    residuals = 1 - design @ np.array([start, a_sample])
    of_fit = float((residuals**2).sum()) / max(len(ks) - 2, 1)
    noise = max(of_fit, float(np.median(log_stderr)) ** 2)
    return float(start), float(a_sample), np.asarray(noise * inverse)
