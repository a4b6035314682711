"""One planted mistake: what is written in place of what, and who should notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class BadMutant(ValueError):
    """A mutant whose text is not, or not only once, in its file."""


@dataclass(frozen=True)
class Mutant:
    """``new`` in place of ``old``, which stands once in ``path``; one of ``tests`` should fail.

    ``tests`` are what pytest takes: files, or ``file::name``. ``equivalent`` says why the change makes no
    difference, where no test can fail; such a mutant must survive.
    """

    path: str
    old: str
    new: str
    tests: tuple[str, ...]
    equivalent: str = ""

    def __str__(self) -> str:
        line = next(line for line in self.old.splitlines() if line.strip())
        return f"{self.path}: {line.strip()[:70]}"

    def applied_to(self, text: str) -> str:
        """The text with the mistake; BadMutant where the place is not unique."""
        if text.count(self.old) != 1:
            raise BadMutant(
                f"{self.path} holds the text {self.old!r} {text.count(self.old)} times; a mutant needs a "
                "text that stands there once: bring it up to date."
            )
        return text.replace(self.old, self.new)

    def plant(self, root: Path) -> None:
        """Write the mistake into the file below ``root``."""
        file = root / self.path
        file.write_text(self.applied_to(file.read_text(encoding="utf-8")), encoding="utf-8")

    def remove(self, root: Path) -> None:
        """Write the file below ``root`` as it is in the project."""
        (root / self.path).write_bytes((ROOT / self.path).read_bytes())
