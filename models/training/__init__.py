"""Training: the objectives, the schedules, the loop, and what is kept so that a run can resume."""

from evidence_bench.models.training.loop import Trained, train
from evidence_bench.models.training.objectives import Objective, log_weights
from evidence_bench.models.training.options import Training
from evidence_bench.models.training.progress import Point

__all__ = ["Objective", "Point", "Trained", "Training", "log_weights", "train"]
