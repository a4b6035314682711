"""Do measured variance and bias follow Propositions 2 and 1? Four answers, and none where no series applies.

The ratio of the measured mean over points to the two-term prediction's mean over points gets a 95%
interval: "agrees" if all of it lies in [.9, 1.1], "disagrees" if none of its 99.5% interval does (a wide one
of 95% would contradict 5% of the truths), "not in the asymptotic regime" if fewer than 95% of the points are
in it (regime.py), else "undecided". Both means run over the points in the regime: elsewhere the prediction
may not exist. To see a factor of 1.15 in the variance, R x B must be about 3200 or more. All is undecided
below 100 estimates, and where errors are no more than rounding; a variance known to no more than a fifth
never disagrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from evidence_bench.benchmarks.statistics.arrays import Array, Interval, Mask, as_points, no_interval
from evidence_bench.benchmarks.statistics.bootstrap import (
    Resamples,
    fixed_generator,
    percentile_interval,
    resampled_variance,
)
from evidence_bench.benchmarks.statistics.columns import bias, n_not_finite, variance_of_points
from evidence_bench.benchmarks.statistics.expansions import (
    Series,
    predicted_bias,
    predicted_variance,
    series_of,
)
from evidence_bench.benchmarks.statistics.intervals import LEVEL, reach
from evidence_bench.benchmarks.statistics.moments import WeightMoments
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from evidence_bench.benchmarks.statistics.regime import SHARE_OF_POINTS, points_in_regime
from evidence_bench.benchmarks.statistics.rounding import has_spread

TOLERANCE = 0.1
FEWEST_REPLICATES = 20  # below, the bootstrap interval of a variance covers too little
FEWEST_ESTIMATES = 100  # replicates x points; below, it lies too low too often
LARGEST_STDERR = 0.2  # of a variance, relative: a rare value met twice may be twice as rare
SURE = 0.995  # level of the interval that may contradict a proposition
_PREDICTION_STREAM = 1


class Verdict(StrEnum):
    """What the data say of an expansion."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    NOT_ASYMPTOTIC = "not in the asymptotic regime"
    UNDECIDED = "undecided"
    NO_EXPANSION = ""


@dataclass(frozen=True)
class Judgement:
    """A verdict and the ratio, measured over predicted, that it rests on."""

    verdict: Verdict
    ratio: Interval


def judge_variance(
    errors: Array,
    k: int,
    moments: WeightMoments | None,
    expansion: str,
    *,
    order: int = 0,
    rounding: float = 0.0,
) -> Judgement:
    """Mean variance over mean two-term prediction, for errors [R, B] at K = k, rounded to ``rounding`` nats.

    Interval: percentile bootstrap over replicates, with the error of c2 and c3 in the prediction.
    Proposition 2 for the log of the mean; for jackknife and delta method their own two terms.
    """
    if moments is None or series_of(expansion, order) is Series.NONE:
        return _none("no expansion applies")

    def predict(c2: Array, c3: Array) -> Array:
        return predicted_variance(expansion, k, c2, c3, order=order)

    return _judge(errors, k, moments, predict, _variance_ratio, (rounding, rounding**2))


def judge_bias(
    errors: Array,
    k: int,
    moments: WeightMoments | None,
    expansion: str,
    *,
    order: int = 0,
    reference_stderr: ArrayLike | ReferenceStderr = 0.0,
    rounding: float = 0.0,
) -> Judgement:
    """Mean error over mean two-term prediction a1/K + a2/K^2 (Proposition 1), for errors [R, B] at K = k.

    Give the controlled errors where there are any. For the log of the mean only: of other biases one term
    is known from c2 and c3, and nothing says how large the next one is. In the regime the prediction is never
    near zero: a2/K^2 is at most a fifth of a1/K. Interval: Student's t on the bias and, in quadrature, the
    error of c2 and c3.
    """
    if moments is None or series_of(expansion, order) is not Series.LOG_MEAN:
        return _none("no expansion of two terms applies")
    known_to = ReferenceStderr.of(reference_stderr, errors.shape[1])
    inside = points_in_regime(k, moments)

    def ratio(chosen: Array, predicted: float, predicted_stderr: float) -> tuple[Interval, Interval]:
        return _bias_ratio(chosen, known_to.at(inside), predicted, predicted_stderr)

    def predict(c2: Array, c3: Array) -> Array:
        return predicted_bias(expansion, k, c2, c3, order=order)

    return _judge(errors, k, moments, predict, ratio, (rounding, rounding))


def verdict_of(ratio: Interval, sure: Interval) -> Verdict:
    """The verdict on measured over predicted, in the regime; undecided where the intervals are NaN.

    Inside goes by the 95% interval ``ratio``, outside by the wider one ``sure``.
    """
    low, high = 1 - TOLERANCE, 1 + TOLERANCE
    if low <= ratio.low and ratio.high <= high:
        return Verdict.AGREES
    return Verdict.DISAGREES if sure.high < low or sure.low > high else Verdict.UNDECIDED


Predict = Callable[[Array, Array], Array]
Ratio = Callable[[Array, float, float], tuple[Interval, Interval]]  # of 95%, and the one that may contradict


def _judge(
    errors: Array,
    k: int,
    moments: WeightMoments,
    predict: Predict,
    ratio: Ratio,
    above: tuple[float, float],
) -> Judgement:
    """``above``: what the spread of the errors, and the prediction, must exceed."""
    as_points(moments.c2, errors.shape[1], "c2")
    inside = points_in_regime(k, moments)
    if inside.mean() < SHARE_OF_POINTS:
        return Judgement(Verdict.NOT_ASYMPTOTIC, no_interval(f"{inside.mean():.0%} of points in the regime"))
    chosen = errors[:, inside]
    if n_not_finite(chosen):
        return _undecided("estimates that are not finite")
    if len(chosen) < FEWEST_REPLICATES or chosen.size < FEWEST_ESTIMATES:
        return _undecided(f"fewer than {FEWEST_REPLICATES} replicates or {FEWEST_ESTIMATES} estimates")
    if not has_spread(chosen, above[0]):
        return _undecided("replicates that are equal, or differ by rounding alone")
    predicted, stderr = _prediction(predict, moments, inside)
    if abs(predicted) <= above[1] or not np.isfinite(predicted + stderr):
        return _undecided(f"predicted {predicted:.3g} +- {stderr:.3g}")
    interval, sure = ratio(chosen, predicted, stderr)
    return Judgement(verdict_of(interval, sure), interval)


def _prediction(predict: Predict, moments: WeightMoments, inside: Mask) -> tuple[float, float]:
    """Mean prediction over the points inside and its stderr; errors of a point's c2 and c3 are added up.

    They come from the same draws, with a correlation that is not known: the sum is the safe side.
    """
    c2, c3 = moments.c2[inside], moments.c3[inside]
    predicted = predict(c2, c3)
    by_c2 = np.abs(predict(c2 + moments.c2_stderr[inside], c3) - predicted)
    by_c3 = np.abs(predict(c2, c3 + moments.c3_stderr[inside]) - predicted)
    stderr = np.sqrt(((by_c2 + by_c3) ** 2).sum()) / len(predicted)
    return float(predicted.mean()), float(stderr)


def _variance_ratio(errors: Array, predicted: float, predicted_stderr: float) -> tuple[Interval, Interval]:
    samples = resampled_variance(errors, Resamples(len(errors)))
    noise = fixed_generator(_PREDICTION_STREAM).standard_normal(len(samples))
    value = float(variance_of_points(errors).mean()) / predicted
    ratios = samples / (predicted + predicted_stderr * noise)
    interval = percentile_interval(value, ratios)
    if samples.std() > LARGEST_STDERR * samples.mean():
        return interval, no_interval("a variance that is not known to a fifth")
    return interval, percentile_interval(value, ratios, level=SURE)


def _bias_ratio(
    errors: Array, known_to: ReferenceStderr, predicted: float, predicted_stderr: float
) -> tuple[Interval, Interval]:
    measured = bias(errors, known_to)
    value = measured.value / predicted
    stderr = np.hypot(measured.stderr, value * predicted_stderr) / abs(predicted)
    halves = (float(reach(stderr, measured.degrees, level)) for level in (LEVEL, SURE))
    kind = "Student t over replicates and reference"
    ratio, sure = (Interval(value, value - half, value + half, kind) for half in halves)
    return ratio, sure


def _undecided(reason: str) -> Judgement:
    return Judgement(Verdict.UNDECIDED, no_interval(reason))


def _none(reason: str) -> Judgement:
    return Judgement(Verdict.NO_EXPANSION, no_interval(reason))
