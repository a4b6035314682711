"""Training: the objectives, the schedules, the loop, and what is kept so that a run can resume."""

from models.training.loop import Trained, train
from models.training.objectives import Objective, log_weights
from models.training.options import Training
from models.training.progress import Point

__all__ = ["Objective", "Point", "Trained", "Training", "log_weights", "train"]
