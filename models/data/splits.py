"""A data set in three splits: the images as stored, and as a model sees them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from evidence_bench.models.data.binarisation import bernoulli
from evidence_bench.models.data.facts import Facts
from evidence_bench.models.errors import BadOption, NotApplicable

EVALUATION_SEED = 0


@dataclass(frozen=True)
class Split:
    """Images [n, pixels], float32, in a fixed order that is blind to what they show.

    ``rows`` [n] are the places of the images in the file, so image i is the file's ``rows[i]``; because
    the order is mixed once and for all, the first n are a fair subset whatever the order of the file.
    ``images`` are grey in [0, 1] or, with binarisation ``fixed``, zeros and ones. Never write to them.
    """

    dataset: str
    name: str
    images: Tensor
    rows: Tensor
    binarisation: str

    def __len__(self) -> int:
        return len(self.images)

    def first(self, n: int | None = None) -> Tensor:
        """x [n, pixels]: the first n images (all by default) as they are measured on, float32.

        With binarisation ``dynamic`` this is one fixed draw: image i is the same for every n, in every
        run. Raises NotApplicable where there are fewer than n.
        """
        n = len(self) if n is None else n
        if not 0 <= n <= len(self):
            raise NotApplicable(
                f"The {self.name} split of {self.dataset} has {len(self)} images, not {n}; ask for fewer."
            )
        return self._seen(self.images[:n], ("measured", EVALUATION_SEED))

    def in_pass(self, number: int, seed: int) -> Tensor:
        """x [n, pixels]: all images as training pass ``number`` sees them, float32.

        With binarisation ``dynamic`` every pass is a new draw, fixed by (seed, number).
        """
        if number < 0:
            raise BadOption(f"There is no pass {number}; count passes from 0.")
        return self._seen(self.images, ("pass", seed, number))

    def _seen(self, images: Tensor, key: tuple[str | int, ...]) -> Tensor:
        if self.binarisation != "dynamic":
            return images
        return bernoulli(images, ("binarisation", self.dataset, self.name, *key))


@dataclass(frozen=True)
class DataSet:
    """Three splits without an image in common, and what is known of them.

    ``train`` is trained on, ``validation`` chooses between checkpoints and settings, ``test`` is only
    measured on.
    """

    train: Split
    validation: Split
    test: Split
    facts: Facts

    def split(self, name: str) -> Split:
        """The split of that name."""
        known = {split.name: split for split in (self.train, self.validation, self.test)}
        if name not in known:
            raise BadOption(f"There is no split '{name}'; ask for one of {', '.join(known)}.")
        return known[name]
