"""What a study is: plain data, written to the run folder as it was resolved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One (model, estimator, K); names are canonical spellings with their options."""

    model: str
    estimator: str
    k: int


@dataclass(frozen=True)
class Settings:
    """A study: every estimator on every model at every K, with R replicates on B points.

    ``reference`` is how log p(x) is found where a model does not know it: ``adaptive``, ``annealed``,
    ``combined`` or ``none``.
    ``dtype`` and ``device`` are words of torch; dtype None means each model's own. ``memory`` (bytes) bounds
    the tensors of one chunk and changes no result beyond the rounding of matrix products; None until the run
    has seen its device. ``timed``: cells are timed once they are measured. ``units``: the activity and the KL
    term of each latent unit are measured too.
    """

    models: tuple[str, ...]
    estimators: tuple[str, ...]
    samples: tuple[int, ...]
    replicates: int
    points: int
    seed: int = 0
    device: str = "cpu"
    dtype: str | None = None
    memory: int | None = None
    plugins: tuple[str, ...] = ()
    study: str = "default"
    reference: str = "adaptive"
    timed: bool = True
    units: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain data, in the order of the fields."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Settings:
        """The inverse of ``to_json``; other keys are left alone."""
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in data.items()
            if key in Settings.__dataclass_fields__
        }
        return Settings(**fields)
