"""The files of a data set: the forms they are handed round in, and the check of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence_bench.models.data.facts import FileFacts
from evidence_bench.models.errors import BadData


@dataclass(frozen=True)
class Content:
    """What a file holds: images [n, pixels] float32 in [0, 1], and the sha256 of its content.

    The sha256 is that of the decompressed file for IDX and .mat; of the pixels as bits, 8 to a byte, each
    image padded to whole bytes, for the binarised MNIST and (1 = paper) the drawings of OMNIGLOT. So one
    number checks a file in whatever form it comes. ``git_blob`` is set where a file is known by that only.
    """

    images: np.ndarray
    sha256: str
    git_blob: str = ""


@dataclass(frozen=True)
class Form:
    """One form of a file: the names it goes by (each may end in .gz), how it is read, where it is had."""

    names: tuple[str, ...]
    read: Callable[[Path], Content]
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One file of a data set: what it holds, how many images of how many pixels, its checksum, its forms.

    The checksum is ``sha256`` or, where that is empty, ``git_blob``.
    """

    what: str
    shape: tuple[int, int]
    forms: tuple[Form, ...]
    sha256: str = ""
    git_blob: str = ""

    @property
    def shown(self) -> str:
        """The names it may have, for a sentence."""
        return " or ".join(f"'{form.names[0]}'" for form in self.forms)

    def read(self, form: Form, path: Path) -> tuple[Content, FileFacts]:
        """The verified content of the file at ``path``; BadData says in what way it is not the one."""
        content = form.read(path)
        if content.images.shape != self.shape:
            have, want = _counted(content.images.shape), _counted(self.shape)
            raise bad(path, f"holds {have}; the {self.what} are {want}")
        expected, found = (self.sha256, content.sha256) if self.sha256 else (self.git_blob, content.git_blob)
        kind = "sha256" if self.sha256 else "git blob id"
        if found != expected:
            raise bad(
                path, f"is not the file of the {self.what}: its content has {kind} {found}, not {expected}"
            )
        return content, FileFacts(path.name, content.sha256, kind)


def bad(path: Path, what: str) -> BadData:
    """The error for a file that cannot be used."""
    return BadData(f"'{path}' {what}. Put the original in its place, or delete it and let it be downloaded.")


def sha256(content: bytes | np.ndarray) -> str:
    """The sha256 of bytes, or of an array's bytes in C order."""
    data = np.ascontiguousarray(content).data if isinstance(content, np.ndarray) else content
    return hashlib.sha256(data).hexdigest()


def git_blob(content: bytes) -> str:
    """The name git gives a file with that content: sha1 of 'blob', its length, a zero and the content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _counted(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape[1:])) + f" pixels, {shape[0]} times" if len(shape) > 1 else f"{shape}"
