"""What an estimator's error costs, on an oracle: a change that is fast and wrong shows here."""

from __future__ import annotations

import math

import torch

from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.estimators.counted import Counted

from .setting import model_of, require

POINTS, REPLICATES, K = 20, 50, 512


class ErrorForCost:
    """RMSE x sqrt(evaluations) of 50 x 20 estimates at K = 512, from a fixed seed; lower is better.

    The RMSE of N independent samples falls as 1 / sqrt(N), so the product is what a nat of accuracy costs at
    any N. Other random numbers change it by about 2% (one standard error), well inside asv's 10%.
    """

    params = ["iwae", "adaptive"]
    param_names = ["estimator"]
    unit = "nats x sqrt(evaluations)"
    version = "1"

    def setup(self, estimator: str) -> None:
        require("cpu")
        torch.set_num_threads(1)  # no time is taken here, and small matrices gain nothing from a second one

    def track_rmse_sqrt_evaluations(self, estimator: str) -> float:
        model = model_of("gaussian-20d")
        generator = torch.Generator().manual_seed(0)
        points = model.simulate(POINTS, generator).x
        x, counted = points.repeat(REPLICATES, 1), Counted(model)
        with torch.no_grad():
            errors = build_estimator(estimator)(counted, x, K, generator) - model.log_evidence(x)
        return math.sqrt(errors.square().mean().item() * counted.evaluations / len(x))
