"""A run folder made from formulas: every number follows from c2, K and a fixed seed, no torch needed.

Means are the leading terms of the expansions (lognormal-like, so that they hold at every K); a measured
value is its mean plus a normal error of the standard error that stands beside it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evidence_bench.benchmarks.record.schema import COLUMNS, RESULT_SCHEMA_VERSION, SLOPE_COLUMNS
from evidence_bench.benchmarks.record.store import StoredCell
from evidence_bench.benchmarks.study.settings import Cell

C2 = {"linear-gaussian": 0.9067, "lognormal[s2=1]": math.e - 1, "digits-vae": 0.35}
ORDERS: dict[str, int | None] = {"elbo": None, "iwae": 1, "jvi": 2, "jvi[order=2]": 3, "adaptive": 1}
SAMPLES = tuple(2**i for i in range(11))
REPLICATES, POINTS = 400, 32
ADAPTIVE_MIN_K = 256


def write_run(folder: Path, *, samples: tuple[int, ...] = SAMPLES, **changes: Any) -> Path:
    """The folder with all its files; ``changes`` replace whole parts (config=, status=, results=, ...)."""
    folder.mkdir(parents=True, exist_ok=True)
    results = changes.pop("results", None)
    (results_frame(samples) if results is None else results).to_parquet(folder / "results.parquet")
    slopes_frame().to_parquet(folder / "slopes.parquet")
    parts = {"config": config(samples), "provenance": provenance(), "status": status(samples)} | changes
    for name, content in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def results_frame(samples: tuple[int, ...] = SAMPLES) -> pd.DataFrame:
    """One row a finished cell; some cells are not finite, some fields are empty, as in a real run."""
    rng = np.random.default_rng(20240607)
    rows = [
        row(model, estimator, k, rng)
        for model in C2
        for estimator in ORDERS
        for k in samples
        if runs(estimator, k)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    ratio = frame["variance"] / frame["predicted_variance"]
    frame["verdict_ratio"] = ratio
    frame["verdict_low"], frame["verdict_high"] = ratio * 0.97, ratio * 1.03
    broken = (frame["model"] == "digits-vae") & (frame["estimator"] == "jvi[order=2]") & (frame["k"] == 4)
    lost = ["log_evidence", "bias", "bias_controlled"]
    frame.loc[broken, lost] = -math.inf
    lost = [c for c in COLUMNS if c.startswith(("bias_", "variance", "rmse")) and c != "bias_controlled"]
    frame.loc[broken, lost] = math.nan
    frame.loc[broken, "n_not_finite"] = 3
    return frame


def runs(estimator: str, k: int) -> bool:
    """Whether the estimator has a cell at K."""
    return k >= {"jvi": 2, "jvi[order=2]": 3, "adaptive": ADAPTIVE_MIN_K}.get(estimator, 1)


def moments(model: str, estimator: str, k: int) -> tuple[float, float]:
    """(bias, variance) of the estimator, from c2 and K."""
    c2 = C2[model] * (0.06 if estimator == "adaptive" else 1)
    one = math.log1p(c2)
    if estimator == "elbo":
        return -one / 2, one / k
    variance = math.log1p(c2 / k)
    order = ORDERS[estimator] or 1
    bias = (-1) ** order * 0.5 * (c2 / (k + c2)) ** order
    return bias, variance * (1 + 0.2 * (order - 1) * c2 / k)


def row(model: str, estimator: str, k: int, rng: np.random.Generator) -> dict[str, Any]:
    """One row of the results."""
    c2, (bias, variance) = C2[model], moments(model, estimator, k)
    effective = REPLICATES * POINTS
    bias_se, variance_se = math.sqrt(variance / effective), variance * math.sqrt(2 / effective)
    controlled = estimator not in ("elbo", "adaptive") and c2 / k <= 0.1
    controlled_se = bias_se * math.sqrt(c2 / (2 * k))
    rmse = math.sqrt(bias**2 + variance)
    seconds = (3e-4 if estimator != "adaptive" else 4e-3) + POINTS * k * 9e-8 * (
        5 if model == "digits-vae" else 1
    )
    figures = {
        "result_schema_version": RESULT_SCHEMA_VERSION,
        "model": model,
        "estimator": estimator,
        "k": k,
        "points": POINTS,
        "replicates": REPLICATES,
        "log_evidence": -31.5 + bias,
        "reference": -31.5,
        "reference_stderr": 1e-6 if model == "digits-vae" else 0.0,
        "reference_doubtful": 0.0,
        "bias": bias + bias_se * rng.standard_normal(),
        "bias_stderr": bias_se,
        "bias_stderr_points": 3 * bias_se,
        "bias_controlled": bias + controlled_se * rng.standard_normal() if controlled else math.nan,
        "bias_controlled_stderr": controlled_se if controlled else math.nan,
        "variance": variance + variance_se * rng.standard_normal(),
        "variance_stderr": variance_se,
        "rmse": rmse,
        "rmse_stderr": rmse / math.sqrt(2 * effective),
        "n_not_finite": 0,
        "evaluations": k,
        "seconds": seconds,
        "seconds_stderr": 0.02 * seconds,
        "device_seconds": np.nan,
        "evaluations_per_second": POINTS * k / seconds,
        "peak_bytes": 4096 * k,
        "ess": k / (1 + c2),
        "max_weight": min(1.0, 2 / k),
        "khat": {"linear-gaussian": 0.21, "lognormal[s2=1]": 0.74}.get(model, math.nan),
        "khat_above_0.7": {"linear-gaussian": 0.0, "lognormal[s2=1]": 0.6}.get(model, math.nan),
        "weight_ratio": 1.0,
        "weight_ratio_stderr": 0.01,
        "weight_gap": 0.0,
        "weight_gap_stderr": 0.01,
        "weight_check": "passes",
        "c2": c2,
        "c2_stderr": 0.0,
        "c3": c2**2 * (3 + c2),
        "c3_stderr": 0.0,
        **expansion(model, estimator, k),
        **claimed(estimator, bias, bias_se),
    }
    return figures | ends(figures)


def claimed(estimator: str, bias: float, stderr: float) -> dict[str, Any]:
    """What was measured of the estimator's claims: all of them hold."""
    bounded, iid = not estimator.startswith("jvi"), estimator != "adaptive"
    return {
        "bound_check": "holds" if bounded else "",
        "bound_excess": bias if bounded else math.nan,
        "bound_excess_stderr": stderr if bounded else math.nan,
        "iid_check": "holds" if iid else "",
        "iid_ratio": 1.01 if iid else math.nan,
        "iid_ratio_stderr": 0.02 if iid else math.nan,
        "symmetric_check": "holds",
        "asymmetry": 2e-16,
        "cost_check": "holds",
    }


def ends(figures: dict[str, Any]) -> dict[str, float]:
    """Ends of the intervals: value -+ 1.96 standard errors."""
    return {
        f"{name}_{end}": figures[name] + reach * figures[f"{name}_stderr"]
        for name in ("bias", "bias_controlled", "variance", "rmse", "seconds")
        for end, reach in (("low", -1.96), ("high", 1.96))
    }


def stored_cells(samples: tuple[int, ...] = SAMPLES, replicates: int = 60) -> list[StoredCell]:
    """Raw estimates of the same means and variances, normal, and times of 5 us + 1 us a sample a point."""
    rng = np.random.default_rng(7)
    return [
        stored_cell(model, estimator, k, replicates, rng)
        for model in C2
        for estimator in ORDERS
        for k in samples
        if runs(estimator, k)
    ]


def stored_cell(model: str, estimator: str, k: int, replicates: int, rng: np.random.Generator) -> StoredCell:
    """One of them; a sample of ``adaptive`` takes forty times as long."""
    bias, variance = moments(model, estimator, k)
    reference = -31.5 + np.linspace(-2, 2, POINTS)
    errors = bias + math.sqrt(variance) * rng.standard_normal((replicates, POINTS))
    nothing = np.full(POINTS, np.nan)
    arrays = dict.fromkeys(("khat", "c2", "c3", "c2_stderr", "c3_stderr", "ess", "max_weight"), nothing)
    arrays |= {"c2_halves": np.stack([nothing] * 2), "khat_halves": np.stack([nothing] * 2)}
    arrays |= {"estimates": reference + errors, "reference": reference, "reference_stderr": 0 * reference}
    arrays |= {"reference_degrees": np.full(POINTS, np.inf), "reference_doubtful": np.zeros(POINTS)}
    arrays |= {"x_group": np.arange(POINTS)}
    seconds = POINTS * (5e-6 + 1e-6 * k * (40 if estimator == "adaptive" else 1))
    facts = {
        "evaluations": float(k),
        "bias_order": ORDERS[estimator],
        "expansion": "none",
        "moments_exact": True,
        "epsilon": 2.0**-52,
    }
    return StoredCell(
        Cell(model, estimator, k), facts, arrays, {"seconds": seconds, "seconds_stderr": 0.01 * seconds}
    )


def expansion(model: str, estimator: str, k: int) -> dict[str, Any]:
    """The columns of Propositions 1 and 2, empty for estimators that have none."""
    names = ["in_regime", "predicted_bias", "predicted_variance", "verdict", "verdict_low", "verdict_high"]
    if ORDERS[estimator] is None or estimator == "adaptive":
        return dict.fromkeys([*names, "verdict_bias"])
    c2 = C2[model]
    in_regime = 1.0 if c2 / k <= 0.1 else 0.0
    bias, _ = moments(model, estimator, k)
    verdict = (
        "agrees" if in_regime and k >= 32 else "undecided" if in_regime else "not in the asymptotic regime"
    )
    if model == "lognormal[s2=1]" and estimator == "jvi" and k == 1024:
        verdict = "disagrees"
    values = [in_regime, bias, c2 / k - c2**2 * (0.5 + c2) / k**2, verdict, None, None, "undecided"]
    return dict(zip([*names, "verdict_bias"], values, strict=True))


def slopes_frame() -> pd.DataFrame:
    """Slopes near their expectation; empty where the estimator has none."""
    rows = []
    for model in C2:
        for estimator, order in ORDERS.items():
            slope = (
                {} if order is None else {"bias_slope": -order - 0.02, "expected_bias_slope": -float(order)}
            )
            ends = {} if order is None else {"bias_slope_low": -order - 0.1, "bias_slope_high": -order + 0.06}
            order_columns = {"declared_order": math.nan, "order_check": ""}
            if order is not None:
                order_columns = {
                    "declared_order": float(order),
                    "measured_order": order + 0.02,
                    "measured_order_low": order - 0.06,
                    "measured_order_high": order + 0.1,
                    "order_check": "holds",
                }
            second = {
                "second_coefficient": 1.9,
                "second_coefficient_low": 1.4,
                "second_coefficient_high": 2.5,
            }
            rest = {
                "variance_slope": -1.01,
                "variance_slope_low": -1.02,
                "variance_slope_high": -0.99,
                "k_used": "16, 32",
                "bias_k_used": "" if order is None else "16, 32",
            }
            expected = {"expected_second_coefficient": 1.7 if model != "digits-vae" else 4.0}
            rows.append(
                {
                    "model": model,
                    "estimator": estimator,
                    **slope,
                    **ends,
                    **second,
                    **expected,
                    **rest,
                    **order_columns,
                }
            )
    return pd.DataFrame(rows, columns=list(SLOPE_COLUMNS))


def config(samples: tuple[int, ...] = SAMPLES) -> dict[str, Any]:
    """config.json."""
    return {
        "models": list(C2),
        "estimators": list(ORDERS),
        "samples": list(samples),
        "replicates": REPLICATES,
        "points": POINTS,
        "seed": 0,
        "dtype": "float32",
        "device": "cpu",
        "study": "default",
        "described": {
            "models": [
                {
                    "name": "linear-gaussian",
                    "about": "x given z ~ N(Wz + b, s^2 I)",
                    "truth": "exact, in closed form",
                },
                {"name": "lognormal[s2=1]", "about": "log w ~ N(-s2/2, s2)", "truth": "exact, log p = 0"},
                {
                    "name": "digits-vae",
                    "about": "VAE on 8x8 digits, 2 latents",
                    "truth": "quadrature on a grid",
                },
            ],
            "estimators": [described(name) for name in ORDERS],
        },
    }


def described(name: str) -> dict[str, Any]:
    """What the bench says of an estimator."""
    order = ORDERS[name]
    return {
        "name": name,
        "about": {"elbo": "mean of K log weights", "iwae": "log of the mean of K weights"}.get(
            name, "corrected IWAE"
        ),
        "sampler": "Adaptive()" if name == "adaptive" else "FromProposal()",
        "reducer": {"elbo": "Mean()", "iwae": "LogMeanExp()"}.get(name, "Jackknife(order=1)"),
        "bound": "no bound" if name.startswith("jvi") else "lower bound",
        "order": order,
        "moments": 1 if order is None else order + 1,
        "identity": "p",
        "iid": name != "adaptive",
        "symmetric": True,
        "min_k": 1,
    }


def provenance() -> dict[str, Any]:
    """provenance.json."""
    return {
        "command": "python -m benchmarks.run --estimators elbo,iwae,jvi,jvi:order=2,adaptive",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
        "versions": {"python": "3.12.3", "torch": "2.13.0", "numpy": "2.3.1"},
        "device": "cpu",
        "cpu": "an example processor",
        "threads": 2,
        "dtype": "float32",
        "seed": 0,
        "started": "2024-06-07T12:00:00+00:00",
        "finished": "2024-06-07T12:00:48+00:00",
        "checkpoint_sha256": "ab" * 32,
    }


def status(samples: tuple[int, ...] = SAMPLES) -> dict[str, Any]:
    """status.json: one failed cell, and the cells below an estimator's smallest K."""
    reason = "needs K of at least {}; raise K."
    least = {"jvi": 2, "jvi[order=2]": 3, "adaptive": ADAPTIVE_MIN_K}
    skipped = [
        {"model": model, "estimator": name, "k": k, "reason": f"'{name}' " + reason.format(smallest)}
        for model in C2
        for name, smallest in least.items()
        for k in samples
        if k < smallest
    ]
    failed = [{"model": "digits-vae", "estimator": "prior", "k": 64, "reason": "NaN among the log weights."}]
    finished = sum(runs(name, k) for name in ORDERS for k in samples) * len(C2)
    return {
        "finished": finished,
        "total": finished + 1,
        "interrupted": False,
        "not_applicable": skipped,
        "failed": failed,
    }
