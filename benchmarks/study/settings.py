"""What a study is: which models, estimators and K, with how many replicates and points."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta

T = TypeVar("T")
Count = Annotated[int, Meta(ge=1)]
Some = Annotated[tuple[T, ...], Meta(min_length=1)]
DECIDING = ("seed", "points", "replicates", "samples", "device", "dtype", "reference")


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
    term of each latent unit are measured too. ``look``: models, and a plug-in's estimators, are looked at
    before they are measured.
    """

    models: Some[str]
    estimators: Some[str]
    samples: Some[Count]
    replicates: Count
    points: Count
    seed: int = 0
    device: str = "cpu"
    dtype: Literal["float32", "float64"] | None = None
    memory: Count | None = None
    plugins: tuple[str, ...] = ()
    study: str = "default"
    reference: Literal["adaptive", "annealed", "combined", "none"] = "adaptive"
    timed: bool = True
    units: bool = False
    look: bool = True

    def to_json(self) -> dict[str, Any]:
        """As plain data, in the order of the fields."""
        return asdict(self)

    def deciding(self) -> dict[str, Any]:
        """As plain data what the numbers of a cell depend on, its names and the code apart."""
        data = self.to_json()
        return {key: list(data[key]) if key == "samples" else data[key] for key in DECIDING}
