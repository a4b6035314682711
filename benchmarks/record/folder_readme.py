"""README.txt of a run folder: what its files and arrays hold, for whoever opens it. Does not import torch."""

from __future__ import annotations

from textwrap import fill

from evidence_bench.benchmarks.record.store import RunFolder

NAME = "README.txt"

FILES = {
    "report.html": "the report: one page, readable offline",
    "results.csv, results.parquet": "one row for each (model, estimator, K); the report explains each column "
    "below its table",
    "points.csv, points.parquet": "one row for each data point of each (model, estimator, K): mean estimate, "
    "its standard error, the truth, k-hat, effective sample size",
    "slopes.csv, slopes.parquet": "orders and coefficients fitted over K",
    "config.json": "what was asked for, and what each estimator and model is",
    "provenance.json": "code, versions, machine, seeds and files that the numbers came from",
    "code.json": "hashes of the source files that the numbers came from, which a resumed run is held to",
    "status.json": "which cells failed or do not apply, and why",
    "cells/NAME.json": "a finished cell (model, estimator, K): plain facts",
    "cells/NAME.npz": "its raw arrays, named below; read them with numpy.load",
    "cells/NAME.timing.json": "its time and memory, measured alone, for one estimate of all points",
    "units/, paper.json": "latent units and the paper's tables, where the study has them",
}

# name: (shape, meaning). R replicates, B data points; log p(x) and estimates in nats.
ARRAYS: dict[str, tuple[str, str]] = {
    "estimates": (
        "R, B",
        "estimates of log p(x), nats; row r at K is made of the first K draws of replicate r",
    ),
    "reference": ("B", "true log p(x), nats; NaN where it is not known"),
    "reference_stderr": ("B", "standard error of the reference, nats; 0 where exact"),
    "reference_degrees": ("B", "degrees of freedom of that error; inf where it is known"),
    "reference_doubtful": ("B", "1 where something was seen that this error does not cover, else 0"),
    "reference_lower": ("B", "lower bound on log p(x), in expectation, nats; only where there is one"),
    "reference_upper": ("B", "upper bound, the same"),
    "x_group": ("B", "index of the first data point that is equal to this one"),
    "log_mean_ratio": (
        "R, B",
        "log of the mean of the K weights, minus log p(x), nats; only where that is known",
    ),
    "ess": ("B", "effective sample size of the K weights (0: all are zero), mean over replicates, samples"),
    "max_weight": ("B", "share of the largest weight, mean over replicates with a weight above zero"),
    "khat": ("B", "Pareto k-hat of all draws of the point; NaN below 1000 draws"),
    "c2": ("B", "Var w / p(x)^2, the squared coefficient of variation of a weight"),
    "c2_stderr": ("B", "its standard error; 0 where exact"),
    "c2_halves": ("2, B", "c2 from the first and from the second half of the replicates"),
    "khat_halves": ("2, B", "k-hat of the same halves"),
    "c3": ("B", "third central moment of a weight over p(x)^3"),
    "c3_stderr": ("B", "its standard error; 0 where exact"),
    "bounded_mean": (
        "R, B",
        "mean of w / (w + u) over the first 64 weights of a replicate, u a typical weight; of iid samplers",
    ),
    "bounded_variance": ("R, B", "variance of the same, with n - 1; the first replicate chose u"),
}

_EXAMPLE = """\
import numpy as np, pandas as pd
results = pd.read_csv("results.csv")         # NLL a data point: -results.log_evidence
cell = np.load("cells/NAME.npz")
errors = cell["estimates"] - cell["reference"]   # [R, B], nats
"""


def readme() -> str:
    """The text."""
    parts = ["A run of evidence-bench. python -m reports . makes report.html again.", "FILES"]
    parts += [_entry(name, meaning) for name, meaning in FILES.items()]
    parts += ["ARRAYS of cells/NAME.npz (R replicates, B data points, K samples an estimate)"]
    parts += [_entry(f"{name} [{shape}]", meaning) for name, (shape, meaning) in ARRAYS.items()]
    return "\n".join([*parts, "READING THEM", _EXAMPLE])


def write_readme(folder: RunFolder) -> None:
    """README.txt of the folder."""
    folder.write(NAME, lambda file: file.write(readme().encode()))


def _entry(name: str, meaning: str) -> str:
    return fill(f"{name}: {meaning}", 100, initial_indent="  ", subsequent_indent="      ")
