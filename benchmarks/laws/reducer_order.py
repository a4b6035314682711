"""The order of the bias that a reducer declares, and its series, against exact expectations."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds, silent, undecided
from evidence_bench.benchmarks.laws.reducer_bound import _is_symmetric
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject, unusable
from evidence_bench.benchmarks.laws.two_points import TwoPoint
from evidence_bench.benchmarks.statistics.expansions import (
    Series,
    predicted_bias,
    predicted_variance,
    series_of,
)
from evidence_bench.estimators.base import Expansion

WEIGHTS = (TwoPoint(1.0, 3.0, 0.7), TwoPoint(0.5, 2.0, 0.3), TwoPoint(1.0, 10.0, 0.4))
_KS = (16, 32, 64, 128)
_LEAST_BIAS = 1e-10  # in nats: below, the bias is rounding, which orders above 4 multiply
_BETWEEN = 0.5  # orders are whole numbers
_SERIES_WITHIN = 0.1  # of the measured figure, as the verdicts have it


@dataclass(frozen=True)
class Slope:
    """log2 of bias(2 K) over bias(K) at the largest K where it is more than rounding, and its error."""

    value: float
    k: int
    stderr: float


def slope_of(subject: ReducerSubject, law: TwoPoint, repeats: int = 1) -> Slope | None:
    """None where the bias is below rounding, or below its own noise, at every K."""
    symmetric = _is_symmetric(subject)
    tried = _KS if symmetric else _KS[:3]  # each order of the weights is a row of its own
    ks = [k for k in tried if k >= 2 * subject.reducer.min_k and subject.takes(k) and subject.takes(2 * k)]
    for k in reversed(ks):
        near, far = (
            law.expected(subject.reducer, n, symmetric=symmetric, repeats=repeats) for n in (k, 2 * k)
        )
        biases = near.mean - law.log_mean, far.mean - law.log_mean
        if abs(biases[1]) > max(_LEAST_BIAS, 10 * far.stderr) and np.isfinite(biases[0]):
            relative = math.hypot(near.stderr / biases[0], far.stderr / biases[1])
            return Slope(math.log2(abs(biases[1] / biases[0])), k, relative / math.log(2))
    return None


def _order(subject: ReducerSubject) -> Outcome:
    """The slowest of the slopes: a bias that is O(K^-order) falls so fast under every law."""
    declared = subject.reducer.bias_order
    if declared is None and not subject.declares:
        return silent("nothing is declared of a plain function.")
    slopes = [(slope, law) for law in WEIGHTS if (slope := slope_of(subject, law))]
    if not slopes:
        return undecided("its bias is below rounding at every K that was tried.")
    slope, law = max(slopes, key=lambda pair: pair[0].value)
    measured = f"its bias falls like K^{slope.value:.2f} from K = {slope.k} to {2 * slope.k} where {law}"
    if declared is None:
        return silent(f"it declares no order; {measured}.")
    off = slope.value + declared
    if off > _BETWEEN + 5 * slope.stderr:
        return fails(f"declared O(K^-{declared}), and {measured}.", off)
    return holds(f"declared O(K^-{declared}); {measured}.", off)


def _needs_iid(subject: ReducerSubject) -> Outcome:
    """Where independent weights are not asked for, the order holds with each weight twice as well."""
    declared = subject.reducer.bias_order or 0
    slopes = [slope for law in WEIGHTS if (slope := slope_of(subject, law, repeats=2))]
    if not slopes:
        return undecided("its bias is below rounding at every K that was tried.")
    slope = max(slopes, key=lambda one: one.value)
    off = slope.value + declared
    measured = f"with each weight twice its bias falls like K^{slope.value:.2f}"
    if off > _BETWEEN + 5 * slope.stderr:
        return fails(
            f"it asks for no independent weights, but {measured}, not K^-{declared}; declare needs_iid.", off
        )
    return holds(f"{measured}.", off)


def _asks_for_iid(subject: ReducerSubject) -> str:
    reducer = subject.reducer
    if reducer.needs_iid:
        return unusable(subject) or "it asks for independent weights."
    return unusable(subject) or ("" if reducer.bias_order else "it declares no order.")


def _series(subject: ReducerSubject) -> Outcome:
    """Exact bias and variance at the largest K over those of the series that it declares."""
    name, order = str(subject.reducer.expansion), _jackknife_order(subject)
    if series_of(name, order) is not Series.LOG_MEAN and not _is_symmetric(subject):
        return undecided("it is not symmetric, so its exact variance is not worked out.")
    law, off, where = WEIGHTS[0], 0.0, "bias and variance"
    k = max(k for k in (*_KS, subject.k) if subject.takes(k))
    found = law.expected(subject.reducer, k)
    moments = np.array(law.c(2)), np.array(law.c(3))
    bias = float(predicted_bias(name, k, *moments, order=order, c4=np.array(law.c(4))))
    variance = float(predicted_variance(name, k, *moments, order=order))
    for what, got, expected in (
        ("bias", found.mean - law.log_mean, bias),
        ("variance", found.variance, variance),
    ):
        if abs(expected) > _LEAST_BIAS and abs(got / expected - 1) > abs(off):
            off, where = got / expected - 1, what
    sentence = f"its {where} at K = {k} is {1 + off:.3f} of what the series '{name}' says where {law}."
    return fails(sentence, off) if abs(off) > _SERIES_WITHIN else holds(sentence, off)


def _jackknife_order(subject: ReducerSubject) -> int:
    """The jackknife's m, which is one less than the order of its bias."""
    is_jackknife = subject.reducer.expansion is Expansion.JACKKNIFE
    return (subject.reducer.bias_order or 1) - 1 if is_jackknife else 0


def _without_series(subject: ReducerSubject) -> str:
    declared = subject.reducer.expansion is not Expansion.NONE
    return unusable(subject) or ("" if declared else "it declares no expansion.")


ORDER = Law("order", "its bias falls with K as fast as declared", _order, unusable)
NEEDS_IID = Law("dependent weights", "independent weights are asked for if needed", _needs_iid, _asks_for_iid)
SERIES = Law("expansion", "bias and variance follow the declared series", _series, _without_series)
LAWS = (ORDER, NEEDS_IID, SERIES)
