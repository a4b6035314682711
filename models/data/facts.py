"""What every number measured on a data set carries, and which numbers may be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evidence_bench.models.errors import NotApplicable

COMPARED = {
    "dataset": "data sets",
    "variant": "variants",
    "split": "splits",
    "binarisation": "binarisations",
    "data_sha256": "file contents",
}


@dataclass(frozen=True)
class FileFacts:
    """A file that was read: its name, the sha256 of its content, and what that content was checked by.

    The content is what is left when compression is undone; ``models.data.files`` says what it is for
    each form. ``checked_by`` is ``sha256`` or, where only that is published, ``git blob id``.
    """

    name: str
    sha256: str
    checked_by: str


@dataclass(frozen=True)
class Facts:
    """Name, variant, sizes of the splits, binarisation (a word and its rule) and hashes of a data set."""

    name: str
    variant: str
    image_shape: tuple[int, int]
    sizes: Mapping[str, int]
    binarisation: str
    rule: str
    sha256: str
    files: tuple[FileFacts, ...]

    def provenance(self, split: str) -> dict[str, str]:
        """What a number measured on ``split`` carries; ``require_comparable`` takes two of these."""
        return provenance_of(asdict(self), split)

    def comparable_with(self, other: Facts) -> None:
        """Nothing, or NotApplicable where numbers on the two data sets do not measure the same thing."""
        require_comparable(self.provenance("any"), other.provenance("any"))

    def as_dict(self) -> dict[str, Any]:
        """All of it in types that JSON has, for cards and run folders."""
        return {**asdict(self), "sizes": dict(self.sizes), "image_shape": list(self.image_shape)}


def provenance_of(told: Mapping[str, Any], split: str) -> dict[str, str]:
    """``Facts.provenance`` from the facts as a card holds them."""
    return {
        "dataset": told["name"],
        "variant": told["variant"],
        "split": split,
        "binarisation": told["binarisation"],
        "data_sha256": told["sha256"],
    }


def require_comparable(first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    """Nothing, or NotApplicable that names what differs between the provenances of two numbers.

    A key that only one of them has counts as a difference; a key that neither has does not.
    """
    for key, plural in COMPARED.items():
        one, other = first.get(key, "not stated"), second.get(key, "not stated")
        if one != other:
            raise NotApplicable(
                f"Numbers on different {plural} cannot be compared: '{one}' and '{other}'"
                f"{_ON.get(key, '')}; measure both on the same data."
            )


_ON = {"binarisation": " of the same images have log p(x) that differ by whole nats"}
