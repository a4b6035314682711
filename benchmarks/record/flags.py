"""Why a row of the results is not to be trusted: one list, used by the row, the terminal and the page.

A flag reads the columns of the schema and nothing else. Does not import torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from evidence_bench.benchmarks.record.plus_minus import plus_minus
from evidence_bench.benchmarks.statistics.regime import SHARE_OF_POINTS as REGIME_SHARE

KHAT_LIMIT = 0.7
POINTS_SHARE = 0.05  # of the points; above it the row is flagged
EXACT = 1e-5  # nats: a reference with a smaller error is as good as exact here

Row = Mapping[str, Any]


class Level(StrEnum):
    """How much a flag says against a row."""

    WRONG = "wrong"  # bias and RMSE say nothing of the estimator
    DOUBT = "doubt"  # the figures may be off by more than their errors say
    CLAIM = "claim"  # the figures stand, what the estimator declares of itself does not
    NOTE = "note"  # the figures stand, a prediction beside them does not


@dataclass(frozen=True)
class Flag:
    """``short`` stands in a row, ``sentence`` (to follow a colon) in the terminal and on the page.

    ``figure`` is what a row shows of it, in words; the row of largest ``size`` is the worst. ``about_error``:
    it speaks against the measured RMSE, and so against recommending the estimator without a word.
    ``share``: the column with the share of the points that it is about, where it is not about all.
    """

    level: Level
    short: str
    sentence: str
    raised: Callable[[Row], bool]
    figure: Callable[[Row], str]
    size: Callable[[Row], float]
    about_error: bool = True
    share: str = ""


def flags_of(row: Row) -> list[Flag]:
    """The flags that a row raises, worst first; none where nothing speaks against it."""
    return [flag for flag in FLAGS if flag.raised(row)]


def words_of(row: Row) -> list[str]:
    """The same as short words, each with its figure."""
    return [f"{flag.short} ({flag.figure(row)})" for flag in flags_of(row)]


def percent(share: float) -> str:
    """0.382 as 38%, and never 0% or 100% of what is not."""
    text = f"{share:.0%}"
    if text == "0%" and share > 0:
        return "under 1%"
    return "over 99%" if text == "100%" and share < 1 else text


def _too_coarse(row: Row) -> bool:
    return bool(row["reference_stderr"] > EXACT and 3 * row["reference_stderr"] > abs(row["bias"]))


def _signed(value: float, stderr: float) -> str:
    """+0.0138 ± 0.0017."""
    return ("+" if value > 0 else "") + plus_minus(value, stderr)


def _off(row: Row) -> float:
    return abs(float(row["weight_gap"]))


def _gap(row: Row) -> str:
    side = "above" if row["weight_gap"] > 0 else "below"
    return f"{plus_minus(_off(row), row['weight_gap_stderr'])} nats {side} p(x)"


FLAGS = (
    Flag(
        Level.WRONG,
        "mean weight is not p(x)",
        "the mean weight is not p(x), by more than a right model is off in one of a million runs: log_joint, "
        "proposal and log_evidence do not belong together or, where it is below p(x), the proposal misses a "
        "part of the posterior. Bias and RMSE here say nothing of the estimator; correct them before you "
        "read on.",
        lambda row: row["weight_check"] == "fails",
        _gap,
        _off,
    ),
    Flag(
        Level.DOUBT,
        "infinite estimates",
        "infinite estimates among the replicates: bias, variance and RMSE are not finite.",
        lambda row: row["n_not_finite"] > 0,
        lambda row: f"{row['n_not_finite']:.0f} of {row['replicates'] * row['points']:.0f}",
        lambda row: float(row["n_not_finite"]),
    ),
    Flag(
        Level.DOUBT,
        "k-hat above 0.7",
        f"Pareto k-hat above {KHAT_LIMIT} at more than {POINTS_SHARE:.0%} of the points: there a few weights "
        "decide, draws can miss what matters all together, and estimates may be too low and error bars too "
        "short without a sign of it.",
        lambda row: row["khat_above_0.7"] > POINTS_SHARE,
        lambda row: f"{percent(row['khat_above_0.7'])} of the points",
        lambda row: float(row["khat_above_0.7"]),
        share="khat_above_0.7",
    ),
    Flag(
        Level.DOUBT,
        "reference too coarse for this bias",
        "the error of the reference is more than a third of the bias: it is not good enough to see it.",
        _too_coarse,
        lambda row: f"known to {row['reference_stderr']:.1g} nats",
        lambda row: float(row["reference_stderr"]),
        about_error=False,
    ),
    Flag(
        Level.DOUBT,
        "reference in doubt",
        f"the reference is not vouched for at more than {POINTS_SHARE:.0%} of the points: a few "
        "weights decide it (k-hat above 0.5, or one weight a quarter of the error), or two ways to it "
        "disagree. Biases near its error say little; compare --reference annealed and combined.",
        lambda row: row["reference_doubtful"] > POINTS_SHARE,
        lambda row: f"{percent(row['reference_doubtful'])} of the points",
        lambda row: float(row["reference_doubtful"]),
        about_error=False,
        share="reference_doubtful",
    ),
    Flag(
        Level.DOUBT,
        "weights not iid",
        "the sampler declares its weights independent and identically distributed, and they are not: their "
        "mean has another variance than that. Corrections, predictions and controls rest on it; declare "
        "iid = False, or draw each weight afresh.",
        lambda row: row["iid_check"] == "contradicts",
        lambda row: f"{plus_minus(row['iid_ratio'], row['iid_ratio_stderr'])} times what iid weights have",
        lambda row: abs(math.log(max(float(row["iid_ratio"]), 1e-300))),
    ),
    Flag(
        Level.CLAIM,
        "contradicts its bound",
        "the mean estimate contradicts its bound: it lies more than 5 standard errors beyond log p(x) on the "
        "wrong side. Correct what the reducer declares; where all estimators do so on one model, its "
        "log_joint or log_evidence is wrong.",
        lambda row: row["bound_check"] == "contradicts",
        lambda row: f"{_signed(row['bound_excess'], row['bound_excess_stderr'])} nats",
        lambda row: float(row["bound_excess"]),
    ),
    Flag(
        Level.CLAIM,
        "costs more than K",
        "more than K evaluations of log p(x, z) are counted for an estimate from K: compare it at its own "
        "cost and not at its K, or let the sampler stop at K.",
        lambda row: row["cost_check"] == "contradicts",
        lambda row: f"{row['evaluations']:.0f} evaluations at K = {row['k']:.0f}",
        lambda row: float(row["evaluations"]) / float(row["k"]),
        about_error=False,
    ),
    Flag(
        Level.CLAIM,
        "depends on the order of its weights",
        "the reducer declares that the order of the weights does not matter, and it does.",
        lambda row: row["symmetric_check"] == "contradicts",
        lambda row: f"moved by {row['asymmetry']:.2g} nats",
        lambda row: float(row["asymmetry"]),
    ),
    Flag(
        Level.NOTE,
        "expansion not usable",
        "not in the asymptotic regime: the predictions of Propositions 1 and 2 cannot be used.",
        lambda row: row["in_regime"] < REGIME_SHARE and math.isfinite(row["predicted_variance"]),
        lambda row: f"in its regime at {percent(row['in_regime'])} of the points",
        lambda row: 1 - float(row["in_regime"]),
        about_error=False,
    ),
)
