"""Two runs of the same cells: which became slower or faster, which are the same, and what nobody can say.

A cell's own repeated times say how far its median is to be trusted within its run. They say nothing of what
differs from one run to the next (where memory lies, what else the machine did for a second), which is as
large. That shows in the scatter of the log ratios over all cells: where cells are many, a cell is judged by
both. A change that is common to all cells moves their median and not their scatter, so it is seen; whether
it is the code's or the machine's, two runs cannot tell. Nor can they tell a slower cell from a busy moment of
the machine that fell on all of a cell's repeated times: the stated error rates are those of a machine whose
scatter is the same for all cells. Repeat what is named before you believe it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student_t

from evidence_bench.benchmarks.statistics.arrays import Array, Mask
from evidence_bench.benchmarks.statistics.holm import holm
from evidence_bench.models.errors import BenchError

LEVEL = 0.05
FEWEST_CELLS = 8  # below, the scatter over cells is no estimate of anything
_QN_TO_SD = 2.2219  # Rousseeuw and Croux 1993, for a normal law
_QN_EFFICIENCY, _MAD_EFFICIENCY = 0.82, 0.37
_MAD_TO_SD = 1.4826
_MEDIAN_TO_MEAN = 1.2533  # standard error of a median over that of a mean, for a normal law
# Mean of the sd over that of 1.4826 MAD in n = 2, 3, ... normal values: Croux and Rousseeuw 1992.
_MAD_TOO_SMALL = {2: 1.196, 3: 1.495, 4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}


def median_stderr(times: ArrayLike) -> Array:
    """1.2533 s / sqrt(n), s = 1.4826 b_n MAD: standard error of the medians of times [..., n], in their unit.

    For a normal law, of which a MAD of few values is too small by b_n on average.
    """
    values = np.asarray(times, dtype=np.float64)
    n = values.shape[-1]
    spread = np.median(np.abs(values - np.median(values, axis=-1, keepdims=True)), axis=-1)
    sd = _MAD_TO_SD * _MAD_TOO_SMALL.get(n, n / (n - 0.8)) * spread
    return np.asarray(_MEDIAN_TO_MEAN * sd / np.sqrt(n))


class Change(StrEnum):
    """What two runs say of the time of a cell."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Times:
    """Median seconds of m cells, their standard errors (``median_stderr``) and the runs of each; all [m]."""

    seconds: Array
    stderr: Array
    runs: Array

    @staticmethod
    def of(seconds: ArrayLike, stderr: ArrayLike, runs: ArrayLike) -> Times:
        """Checked; BenchError for a time that is not above zero, or fewer than 2 runs."""
        values = [np.asarray(one, dtype=np.float64) for one in (seconds, stderr, runs)]
        good = (np.isfinite(values).all(), (values[0] > 0).all(), (values[1] >= 0).all())
        if len({one.shape for one in values}) > 1 or not all(good) or not (values[2] >= 2).all():
            raise BenchError(
                "A time is a number of seconds above 0 with its standard error, from at least 2 runs; "
                "time the cells again."
            )
        return Times(*values)

    @property
    def log_variance(self) -> Array:
        """Squared standard error of log seconds [m]."""
        return np.asarray((self.stderr / self.seconds) ** 2)

    @property
    def degrees(self) -> Array:
        """Degrees of freedom of that variance: a MAD knows as much as 37% as many values' sd would."""
        return _MAD_EFFICIENCY * (self.runs - 1)


@dataclass(frozen=True)
class Comparison:
    """Ratios B / A [m] with a 95% interval of each alone, Holm-adjusted p-values, and the verdicts.

    ``between`` is the sd of log time between runs beyond what repeated times show; NaN where cells are few.
    """

    ratio: Array
    low: Array
    high: Array
    p_different: Array
    p_same: Array
    changes: tuple[Change, ...]
    between: float


def compare_times(a: Times, b: Times, margin: float = 0.05) -> Comparison:
    """log(B / A) of each cell by Student's t, its variance s^2 + tau^2; verdicts at a family-wise 5%.

    slower, faster: equality is rejected and the ratio is beyond 1 + margin, or below 1 / (1 + margin);
    same: both ends of that range are rejected (two one-sided tests); else undecided. Either family of tests
    is corrected by Holm over the cells. s^2 is from the repeated times, at least its median over the cells;
    tau^2 is Qn^2 of the log ratios over cells less that median (0 where cells are fewer than 8). Cells that
    are found to differ tell nothing of tau, so they are left out of it and the others tested again, until
    no further cell is found: where nothing changed, the first pass decides.
    Source: Schuirmann 1987 (two one-sided tests), Rousseeuw and Croux 1993 (Qn), Holm 1979.
    """
    if not margin > 0:
        raise BenchError(f"The margin is a share above 0, such as 0.05, not {margin}; choose another.")
    difference = np.log(b.seconds) - np.log(a.seconds)
    telling = np.ones(len(difference), dtype=bool)
    while True:
        variance, degrees, between = _variance(difference, a, b, telling)
        law, stderr = student_t(degrees), np.sqrt(variance)
        different = holm(_tail(law, np.abs(difference), stderr) * 2)
        others = telling & (different >= LEVEL)
        if others.sum() == telling.sum() or others.sum() < FEWEST_CELLS:
            break
        telling = others
    edge = np.log1p(margin)
    same = holm(_tail(law, edge - np.abs(difference), stderr))
    half = law.ppf(1 - LEVEL / 2) * stderr
    ends = np.exp(difference - half), np.exp(difference + half)
    changes = tuple(map(_change, difference, different, same, np.full(len(difference), edge)))
    return Comparison(np.exp(difference), *ends, different, same, changes, between)


def qn(values: Array) -> float:
    """2.2219 times the first quartile of abs(v_i - v_j), i < j: an sd that half the values cannot spoil."""
    n = len(values)
    apart = np.abs(values[:, None] - values[None, :])[np.triu_indices(n, 1)]
    half = n // 2 + 1
    return float(_QN_TO_SD * np.partition(apart, half * (half - 1) // 2 - 1)[half * (half - 1) // 2 - 1])


def _variance(difference: Array, a: Times, b: Times, telling: Mask) -> tuple[Array, Array, float]:
    """(variance of the difference [m], its degrees of freedom by Welch and Satterthwaite, tau)."""
    of_a, of_b, cells = a.log_variance, b.log_variance, len(difference)
    within = of_a + of_b
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.nan_to_num(within**2 / (of_a**2 / a.degrees + of_b**2 / b.degrees), nan=1.0)
    if cells < FEWEST_CELLS:
        return within, degrees, float("nan")
    typical = float(np.median(within))
    degrees = np.where(within > typical, degrees, cells)
    within = np.maximum(within, typical)
    tau2 = max(0.0, qn(difference[telling]) ** 2 - typical)
    unsure = within**2 / degrees + tau2**2 / (_QN_EFFICIENCY * (telling.sum() - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.nan_to_num((within + tau2) ** 2 / unsure, nan=1.0)
    return within + tau2, total, float(np.sqrt(tau2))


def _tail(law: object, distance: Array, stderr: Array) -> Array:
    """P(T > distance / stderr); at no error at all, 0 beyond zero and 1/2 at it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.nan_to_num(distance / stderr, nan=0.0, posinf=np.inf, neginf=-np.inf)
    tail: Array = law.sf(scaled)  # type: ignore[attr-defined]
    return tail


def _change(difference: float, p_different: float, p_same: float, edge: float) -> Change:
    if p_different < LEVEL and abs(difference) > edge:
        return Change.SLOWER if difference > 0 else Change.FASTER
    return Change.SAME if p_same < LEVEL else Change.UNDECIDED
