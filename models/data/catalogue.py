"""Data sets by name."""

from __future__ import annotations

from pathlib import Path

import torch

from evidence_bench.models import specs
from evidence_bench.models.data import place
from evidence_bench.models.data.binarisation import KINDS, at_threshold
from evidence_bench.models.data.digits import DigitsSource
from evidence_bench.models.data.facts import Facts
from evidence_bench.models.data.published import PUBLISHED
from evidence_bench.models.data.sources import SPLITS, Numbered, Source
from evidence_bench.models.data.splits import DataSet, Split
from evidence_bench.models.errors import BadOption, NotApplicable

SOURCES: dict[str, Source] = {source.name: source for source in (*PUBLISHED, DigitsSource())}


def load(name: str, data_dir: str | Path | None = None, binarisation: str | None = None) -> DataSet:
    """The data set of that name in its three splits, every file checked against its checksum.

    ``data_dir`` is a folder with a local copy; without it the folder in EVIDENCE_BENCH_DATA; without
    that the user's cache, into which what is missing is downloaded. ``binarisation`` is ``dynamic``,
    ``fixed`` or ``none``; without it the usual one of the data set, which the facts name.
    Raises UnknownName, NotApplicable (a binarisation the data set does not offer), MissingData, BadData.
    """
    if name not in SOURCES:
        raise specs.unknown("data set", name, SOURCES)
    return read(SOURCES[name], place.local_root(data_dir), binarisation)


def names() -> list[str]:
    """The names ``load`` takes."""
    return list(SOURCES)


def describe() -> dict[str, str]:
    """For each name its variant, split sizes and binarisations, in a sentence."""
    return {name: _sentence(source) for name, source in SOURCES.items()}


def read(source: Source, root: Path | None, binarisation: str | None = None) -> DataSet:
    """``load`` for a source of one's own."""
    kind = _kind(source, binarisation)
    raw = source.read(place.Place(root, source.name, source.folders, source.parts).get)
    splits = {split: _split(source.name, split, kind, raw.splits[split]) for split in SPLITS}
    facts = Facts(
        name=source.name,
        variant=source.variant,
        image_shape=source.image_shape,
        sizes={split: len(splits[split]) for split in SPLITS},
        binarisation=kind,
        rule=source.binarisations[kind],
        sha256=raw.sha256,
        files=raw.files,
    )
    return DataSet(splits["train"], splits["validation"], splits["test"], facts)


def _kind(source: Source, asked: str | None) -> str:
    offered = list(source.binarisations)
    if asked is None:
        return offered[0]
    if asked not in KINDS:
        raise BadOption(f"There is no binarisation '{asked}'; ask for one of {', '.join(KINDS)}.")
    if asked not in offered:
        hint = "; its fixed binarisation is the data set mnist-binarised" if source.name == "mnist" else ""
        raise NotApplicable(f"{source.name} has no binarisation '{asked}', only {', '.join(offered)}{hint}.")
    return asked


def _split(dataset: str, name: str, kind: str, numbered: Numbered) -> Split:
    images = torch.from_numpy(numbered.images)
    seen = at_threshold(images) if kind == "fixed" else images
    return Split(dataset, name, seen, torch.from_numpy(numbered.rows), kind)


def _sentence(source: Source) -> str:
    sizes = " / ".join(f"{size} {split}" for split, size in source.sizes.items())
    return f"{source.variant}; {sizes}; binarisation {', '.join(source.binarisations)}"
