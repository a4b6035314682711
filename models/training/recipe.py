"""Everything that decides the weights of a training run, in types that JSON has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from evidence_bench.models.door import checked
from evidence_bench.models.errors import CorruptCheckpoint
from evidence_bench.models.training.options import Training


@dataclass(frozen=True)
class Recipe:
    """Data, network, objective and options; with the thread count, because sums depend on it.

    ``follow`` of the k weights carry the gradient (``thinned``), or all where it is 0.
    ``origin`` names the checkpoint whose weights the run started from, and its hash; empty: random weights.
    ``earlier`` are the trainings that made it.
    """

    data: str
    binarisation: str
    architecture: Mapping[str, Any]
    objective: str
    k: int
    order: int
    options: Training
    threads: int
    follow: int = 0
    origin: str = ""
    earlier: list[dict[str, Any]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Such as 'iwae50', 'jvi2-50' or 'elbo'."""
        order = f"{self.order}-" if self.objective == "jvi" else ""
        k = "" if (self.objective, self.k) == ("elbo", 1) else self.k
        return f"{self.objective}{order}{k}"

    @property
    def name(self) -> str:
        """Such as 'mnist-iwae50-1l', 'digits-iwae4-2d' or, from a checkpoint, 'mnist-elbo-1l-then-iwae50'."""
        if self.origin:
            return f"{self.origin.partition(' ')[0]}-then-{self.label}"
        kinds = [self.architecture[key] for key in ("observation", "latent") if key in self.architecture]
        latents = self.architecture["latents"]
        network = f"{latents}d" if isinstance(latents, int) else f"{len(latents)}l"
        return "-".join([self.data, self.label, network, *kinds])

    def as_dict(self) -> dict[str, Any]:
        """For a card or a state."""
        return asdict(self)

    @staticmethod
    def of(told: Mapping[str, Any]) -> Recipe:
        """The recipe that ``as_dict`` gave; CorruptCheckpoint where it is not one."""
        source, remedy = "The recipe of this training", "start it again"
        other = [key for key in told if key not in {one.name for one in fields(Recipe)}]
        if other:
            raise CorruptCheckpoint(f"{source} has '{other[0]}', which this version does not know; {remedy}.")
        return checked(dict(told), Recipe, source, remedy, CorruptCheckpoint)
