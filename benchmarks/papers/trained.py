"""How a model of a run was trained, from the recipe in its provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence_bench.benchmarks.papers.published import PASSES

IMAGES = ("dataset", "variant", "split", "binarisation", "data_sha256")


@dataclass(frozen=True)
class Stage:
    """One training: objective, its k, passes, learning rate schedule."""

    objective: str
    k: int
    passes: int
    schedule: str


@dataclass(frozen=True)
class TrainedAs:
    """What a model is measured on, its stochastic layers, and the stages of its training, first to last.

    ``images`` are the facts that must be the same for two models to be measured on the same images.
    ``sha256`` is the checkpoint's; ``origin`` names the checkpoint it went on from, and its hash.
    """

    data: str
    images: tuple[str, ...]
    layers: int
    stages: tuple[Stage, ...]
    sha256: str = ""
    origin: str = ""

    @staticmethod
    def of(facts: Mapping[str, Any]) -> TrainedAs | None:
        """From the facts of a model in provenance.json; None for one that no recipe of ours made."""
        try:
            recipe = facts["recipe"]
            earlier = [one["recipe"] | {"done": one.get("passes")} for one in recipe.get("earlier", [])]
            latents = recipe["architecture"]["latents"]
            return TrainedAs(
                data=str(facts["dataset"]),
                images=tuple(str(facts[key]) for key in IMAGES),
                layers=1 if isinstance(latents, int) else len(latents),
                stages=tuple(_stage(one) for one in [*earlier, recipe]),
                sha256=str(facts["checkpoint_sha256"]),
                origin=str(recipe.get("origin", "")),
            )
        except (KeyError, TypeError, AttributeError):
            return None

    @property
    def on_test(self) -> bool:
        """Whether it is measured on the test split, as the papers are."""
        return self.images[IMAGES.index("split")] == "test"

    @property
    def printed_as(self) -> str:
        """The data set, for the papers' tables; empty where what is measured on is not theirs."""
        return self.data if self.on_test else ""

    @property
    def objective(self) -> str:
        """Of the last stage."""
        return self.stages[-1].objective

    @property
    def k(self) -> int:
        """Of the last stage."""
        return self.stages[-1].k

    @property
    def passes(self) -> int:
        """Of all stages."""
        return sum(stage.passes for stage in self.stages)

    @property
    def phases(self) -> tuple[Stage, ...]:
        """The stages with neighbours of one objective and k joined: what the optimiser was asked to do."""
        joined: list[Stage] = []
        for stage in self.stages:
            if joined and (joined[-1].objective, joined[-1].k) == (stage.objective, stage.k):
                last = joined.pop()
                stage = Stage(stage.objective, stage.k, last.passes + stage.passes, stage.schedule)
            joined.append(stage)
        return tuple(joined)

    def words(self) -> str:
        """Such as '200 passes of elbo k=1, then 50 of iwae k=50'."""
        first, *others = self.phases
        told = f"{first.passes} passes of {first.objective} k={first.k}"
        return ", then ".join([told, *(f"{one.passes} of {one.objective} k={one.k}" for one in others)])

    def why_different(self) -> str:
        """Reasons for a distance to the paper's figure that the recipe tells."""
        reasons = [f"{self.passes} passes here, {PASSES} there"]
        if len(self.phases) > 1:
            reasons.append(f"started from {self.phases[0].objective} k={self.phases[0].k}, not from scratch")
        if self.data == "omniglot28":
            reasons.append("another 28 x 28 version of the drawings, and other test images")
        if any(stage.schedule != "stages" for stage in self.stages):
            reasons.append("another schedule of the learning rate")
        return "; ".join(reasons)


def _stage(recipe: Mapping[str, Any]) -> Stage:
    options, order = recipe["options"], recipe.get("order", 1)
    passes = recipe.get("done") or options["passes"]
    objective = str(recipe["objective"])
    if objective == "jvi" and order != 1:
        objective = f"jvi[order={order}]"
    return Stage(objective, int(recipe["k"]), int(passes), str(options["schedule"]))
